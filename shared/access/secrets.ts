/** Keys and tickets are stored as hashes only. */
import { createHash } from 'node:crypto';

/** SHA-256 in hex. Secrets here have 256 bits of randomness, so a slow hash would add nothing. */
export const hashSecret = (secret: string) => createHash('sha256').update(secret).digest('hex');
