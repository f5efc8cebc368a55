/** What a refusal says of the key. */
import { ApiError, UploadRefused } from '../../client/errors.ts';

/** Whether the service does not know the key. What a bucket refuses says nothing of it. */
export const isRefused = (error: unknown): boolean =>
  error instanceof ApiError &&
  !(error instanceof UploadRefused) &&
  (error.status === 401 || (error.status === 403 && !error.code));
