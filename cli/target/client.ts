/** The client of the API, with a WebSocket where Node has none (before 22). */
import { WebSocket } from 'ws';
import { createClient as createSheafClient, type SheafClient } from '../../client/client.ts';

/** A client for the API at `apiUrl`, with the base path, such as http://localhost:3000/api/v2. */
export const createClient = ({ apiUrl, apiKey }: { apiUrl: string; apiKey: string }): SheafClient =>
  createSheafClient({ apiUrl, apiKey, WebSocket });
