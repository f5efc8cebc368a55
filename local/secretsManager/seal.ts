/** Encryption of what lies on the disk: AES-256-GCM (NIST SP 800-38D), with a key that lies in a file of its own. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

export interface Seal {
  /** @param of what the text belongs to: sealed, it can be opened as that of nothing else */
  close(text: string, of: string): string;
  /** @throws Error for what was closed with another key, as something else's, or changed since */
  open(sealed: string, of: string): string;
}

/** A new key, as text. */
export const newKey = (): string => randomBytes(KEY_BYTES).toString('base64');

/** @param text of newKey; @throws Error for any other */
export function createSeal(text: string): Seal {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== KEY_BYTES) throw new Error(`A key has ${KEY_BYTES} bytes.`);
  return {
    close(plain, of) {
      // Random: so few are made with one key that no two are alike.
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(of));
      const sealed = [cipher.update(plain, 'utf8'), cipher.final()];
      return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]).toString('base64');
    },
    open(sealed, of) {
      const bytes = Buffer.from(sealed, 'base64');
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const tag = bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
      const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(of)).setAuthTag(tag);
      const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    },
  };
}
