/** The service that all functions' logs, metrics and traces belong to. */
export const SERVICE = 'sheaf';
