/** Operations of Secrets Manager (API reference): what each takes, may do, answers and refuses. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Access } from '../iam/access.ts';
import { requirePermission, ServiceError } from '../net/jsonService.ts';
import { nowInSeconds, randomLetters, type Secret, type SecretValues } from './secretValues.ts';

const CURRENT = 'AWSCURRENT';
const MAX_SECRET_BYTES = 65_536;
/** Characters that Secrets Manager puts behind the name. */
const TAIL_CHARACTERS = 6;

const TokenSchema = z.string().min(32).max(64);
const ValueSchema = z
  .string()
  .min(1)
  .refine(
    (text) => Buffer.byteLength(text) <= MAX_SECRET_BYTES,
    `At most ${MAX_SECRET_BYTES} bytes.`,
  );

/** Strict, so that nothing is left out in silence that AWS would do. */
const CreateSchema = z.strictObject({
  Name: z.string().regex(/^[\w/+=.@-]{1,512}$/),
  Description: z.string().max(2048).optional(),
  ClientRequestToken: TokenSchema.optional(),
  SecretString: ValueSchema,
});
const PutSchema = z.strictObject({
  SecretId: z.string(),
  ClientRequestToken: TokenSchema.optional(),
  SecretString: ValueSchema,
});
const DeleteSchema = z.strictObject({
  SecretId: z.string(),
  ForceDeleteWithoutRecovery: z.literal(true),
});
const GetSchema = z.object({
  /** ARN or name. */
  SecretId: z.string(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});

/** A call, and where it is carried out. */
export interface SecretCall {
  readonly secrets: SecretValues;
  readonly access: Access;
  readonly accessKeyId: string;
  readonly input: unknown;
}

/** Carries out a call and gives its output. @throws ServiceError, which quotes no value */
type Operation = (call: SecretCall) => object;

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const keys = issue?.code === 'unrecognized_keys' ? issue.keys : issue?.path;
  throw new ServiceError(
    'InvalidParameterException',
    `${(keys ?? []).map(String).join(', ') || 'The input'} is missing, not valid, or not emulated with this value.`,
  );
}

const notFound = () =>
  new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

const taken = (message: string) => new ServiceError('ResourceExistsException', message);

/** As in AWS, whoever may not do it does not learn whether the secret is there. */
function permitted({ secrets, access, accessKeyId }: SecretCall, action: string, id: string) {
  const secret = secrets.find(id);
  requirePermission(access, accessKeyId, `secretsmanager:${action}`, secret?.arn ?? id);
  return secret;
}

/** @throws ServiceError where the token came with another value before */
function isRepeat(secret: Secret, token: string | undefined, value: string): boolean {
  if (token !== secret.versionId) return false;
  if (secret.value === value) return true;
  throw taken('The token was used with another value before.');
}

const versionOf = ({ arn, name, versionId }: Secret) => ({
  ARN: arn,
  Name: name,
  VersionId: versionId,
});

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  GetSecretValue(call) {
    const { SecretId, VersionId, VersionStage = CURRENT } = parse(GetSchema, call.input);
    const secret = permitted(call, 'GetSecretValue', SecretId);
    const isVersion =
      VersionStage === CURRENT && (VersionId === undefined || VersionId === secret?.versionId);
    if (!secret || !isVersion) throw notFound();
    return {
      ...versionOf(secret),
      SecretString: secret.value,
      VersionStages: [CURRENT],
      CreatedDate: secret.createdAt,
    };
  },

  CreateSecret({ secrets, access, accessKeyId, input }) {
    const { Name, ClientRequestToken, SecretString } = parse(CreateSchema, input);
    const { region, accountId } = access;
    const tail = randomLetters(TAIL_CHARACTERS);
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${Name}-${tail}`;
    requirePermission(access, accessKeyId, 'secretsmanager:CreateSecret', arn);
    const before = secrets.find(Name);
    if (before) {
      if (isRepeat(before, ClientRequestToken, SecretString)) return versionOf(before);
      throw taken(`The operation failed because the secret ${Name} already exists.`);
    }
    const versionId = ClientRequestToken ?? randomUUID();
    const secret = { arn, name: Name, value: SecretString, versionId, createdAt: nowInSeconds() };
    secrets.store(secret);
    return versionOf(secret);
  },

  /** The value that was there before is not kept: there is no AWSPREVIOUS. */
  PutSecretValue(call) {
    const { SecretId, ClientRequestToken, SecretString } = parse(PutSchema, call.input);
    const before = permitted(call, 'PutSecretValue', SecretId);
    if (!before) throw notFound();
    const secret = isRepeat(before, ClientRequestToken, SecretString)
      ? before
      : { ...before, value: SecretString, versionId: ClientRequestToken ?? randomUUID() };
    if (secret !== before) call.secrets.store(secret);
    return { ...versionOf(secret), VersionStages: [CURRENT] };
  },

  /** Without a recovery window one that is not there is deleted, too. */
  DeleteSecret(call) {
    const { SecretId } = parse(DeleteSchema, call.input);
    const secret = permitted(call, 'DeleteSecret', SecretId);
    if (secret) call.secrets.remove(secret);
    return {
      ARN: secret?.arn ?? SecretId,
      Name: secret?.name ?? SecretId,
      DeletionDate: nowInSeconds(),
    };
  },
};
