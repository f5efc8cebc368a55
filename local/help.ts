/** The text of `npm start -- --help`. */
export const HELP = `Runs Sheaf on this machine: the application that would be deployed, from its own template.
No AWS account, no Docker, no network. Everything listens on 127.0.0.1 only.

  npm start                                 on the usual ports, state in .sheaf/
  HTTP_PORT=0 WS_PORT=0 SERVICES_PORT=0 \\
    SHEAF_DATA_DIR=/tmp/try npm start       beside another one: free ports, a folder of its own

Settings, by environment variable (default):
  HTTP_PORT               HTTPS API, base path /api/v2           (3000; 0 takes a free port)
  WS_PORT                 WebSocket, path /v2/stream             (3001)
  SERVICES_PORT           S3, DynamoDB and the other services    (3002)
  SHEAF_DATA_DIR          where all state is                     (.sheaf)
  SHEAF_API_KEY           the development key to accept          (generated once)
  SHEAF_TASK_LIMIT        tasks of the development key at a time  (as it was; 3 at first)
  SHEAF_QUIET             1: print nothing but errors
  SHEAF_STOP_WITH_PARENT  1: stop when standard input ends
  SHEAF_STOP_WHEN_UNUSED  1: stop when no program holds it any more (docs/local-cloud.md)
  SHEAF_ALLOW_LOOPBACK_TARGETS
                          1: webhooks may go to this machine, by http too
  NO_COLOR                1: no bold, no grey

Once it is ready it prints the addresses and the key, and writes them to local.json in the data
folder, for other programs. The key is for this machine only; sheaf keys makes others.

  Ctrl+C                stops it; the next start goes on where it was, even after a kill
  rm -r .sheaf          begins anew
  .sheaf/logs/          what each function printed

Exit codes: 0 stopped, 1 it could not start, 2 the command line or a setting is wrong,
130 stopped by force (a second Ctrl+C).
docs/local-cloud.md tells what it emulates, and what it does not.
`;
