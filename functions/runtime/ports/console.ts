/** Where the console is published. */
import { join } from 'node:path';
import { CONSOLE_FOLDER } from '../../../shared/console/consoleFiles.ts';
import type { PublishingPorts } from '../../../shared/console/publish.ts';
import { createConsoleSite } from '../../adapters/consoleSite.ts';
import { createFolderFiles } from '../../adapters/folderFiles.ts';
import { readEnvironment, readServicePlace, readTaskRoot } from '../environment.ts';

/** Needs CONSOLE_BUCKET_NAME and CONSOLE_DISTRIBUTION_ID. */
export function openConsole(): Omit<PublishingPorts, 'clock'> {
  const environment = readEnvironment(['consoleBucket', 'consoleDistribution']);
  return {
    files: createFolderFiles(join(readTaskRoot(), CONSOLE_FOLDER)),
    site: createConsoleSite({
      bucketName: environment.consoleBucket,
      distributionId: environment.consoleDistribution,
      place: readServicePlace,
    }),
  };
}
