/** The synthesized CloudFormation template, as read from its file. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const ResourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
});

const TemplateSchema = z.object({
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Resources: z.record(z.string(), ResourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })).default({}),
});

/** A CloudFormation template: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html */
export type Template = z.infer<typeof TemplateSchema>;

/** manifest.json of a CDK cloud assembly: one stack, its template and its assets. */
const ManifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      displayName: z.string().optional(),
      properties: z
        .object({ templateFile: z.string().optional(), file: z.string().optional() })
        .optional(),
    }),
  ),
});

const AssetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

/** What the local cloud needs of a cloud assembly. */
export interface Assembly {
  readonly stackName: string;
  readonly template: Template;
  /** Absolute folder of each file asset, by the object key that the template names. */
  readonly assetFolders: ReadonlyMap<string, string>;
}

async function readJson<T>(schema: z.ZodType<T>, path: string): Promise<T> {
  return schema.parse(JSON.parse(await readFile(path, 'utf8')));
}

/**
 * Reads the cloud assembly in `folder` (what `cdk synth` writes).
 * @throws when it holds no stack, or more than one: the local cloud runs exactly one
 */
export async function loadAssembly(folder: string): Promise<Assembly> {
  const { artifacts } = await readJson(ManifestSchema, join(folder, 'manifest.json'));
  const stacks = Object.entries(artifacts).filter(([, a]) => a.type === 'aws:cloudformation:stack');
  const [stack] = stacks;
  const templateFile = stack?.[1].properties?.templateFile;
  if (!stack || stacks.length > 1 || templateFile === undefined) {
    throw new Error(
      `The local cloud runs an app of exactly one stack; infra/app.ts has ${stacks.length}.`,
    );
  }
  const assetFolders = new Map<string, string>();
  for (const artifact of Object.values(artifacts)) {
    if (artifact.type !== 'cdk:asset-manifest' || artifact.properties?.file === undefined) continue;
    const { files } = await readJson(AssetsSchema, join(folder, artifact.properties.file));
    for (const { source, destinations } of Object.values(files)) {
      if (source.path === undefined) continue;
      for (const { objectKey } of Object.values(destinations)) {
        assetFolders.set(objectKey, join(folder, source.path));
      }
    }
  }
  return {
    stackName: stack[1].displayName ?? stack[0],
    template: await readJson(TemplateSchema, join(folder, templateFile)),
    assetFolders,
  };
}
