/** The example: its files are served beside the page. */
import type { SheafClient } from '../../client/client.ts';

const EXAMPLE = {
  template: 'offer-letter.docx',
  data: 'people.csv',
  fileName: '{reference} {name}',
} as const;

/** @throws TypeError, Error when it cannot be fetched */
async function exampleFile(name: string): Promise<File> {
  const response = await fetch(`examples/${name}`);
  if (!response.ok) throw new TypeError(`The example cannot be fetched: ${response.status}.`);
  return new File([await response.blob()], name);
}

/**
 * Uploads the example and starts a task with it.
 * @param onStep told before each step
 * @returns its id
 */
export async function startDemo(
  client: SheafClient,
  name: string,
  onStep: (step: 'template' | 'data' | 'task') => void,
): Promise<string> {
  onStep('template');
  const { templateId } = await client.uploadTemplate(
    EXAMPLE.template,
    await exampleFile(EXAMPLE.template),
  );
  onStep('data');
  const { dataSourceId } = await client.uploadDataSource(
    EXAMPLE.data,
    await exampleFile(EXAMPLE.data),
  );
  onStep('task');
  const { taskId } = await client.createTask({
    body: {
      templateIds: [templateId],
      dataSourceId,
      name,
      fileName: EXAMPLE.fileName,
      options: { missingValue: 'error' },
      autoStart: true,
    },
  });
  return taskId;
}
