/** The identity of what renders: a hash of the domain's sources and of the versions they use. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Another one whenever a file under shared/, or a dependency, is another one.
 * @param root the folder that holds shared/ and package-lock.json
 */
export function engineBuildOf(root: string): string {
  const files = readdirSync(join(root, 'shared'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join('shared', file))
    .sort();
  const hash = createHash('sha256');
  for (const file of [...files, 'package-lock.json']) {
    const content = createHash('sha256')
      .update(readFileSync(join(root, file)))
      .digest();
    hash.update(file.replaceAll('\\', '/')).update(content);
  }
  return hash.digest('hex');
}
