/** Every limit and interval, with its unit in the name and its reason or arithmetic beside it. */

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

// ── S3 (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html) ──
/** Every part of a multipart upload but the last has at least this size. */
export const S3_MIN_PART_BYTES = 5 * MiB;
export const S3_MAX_PARTS = 10_000;
/** A part of a multipart upload, copied or uploaded, has at most this size. */
export const S3_MAX_PART_BYTES = 5 * GiB;
/**
 * The size at which buffered bytes become a part: above the minimum, small enough that a function
 * that holds a few of them stays far below its memory.
 */
export const PART_BYTES = 8 * MiB;

// ── What clients may send ──
/**
 * The largest request body, and so all inline rows. API Gateway hands it to a function inside of an event
 * of at most 6 MiB, as a JSON string, in which each quote, backslash and line break takes two bytes: even a
 * body of nothing else is 6,000,000 there and leaves 291,456 for headers, path and the rest, of which a
 * client sends at most 10,240. Above it Lambda refuses some bodies before anybody can say why.
 */
export const MAX_BODY_BYTES = 3_000_000;
export const MAX_TEMPLATE_BYTES = 50 * MiB;
/** A single PUT to S3 takes at most 5 GB. */
export const MAX_SOURCE_BYTES = 5 * GiB;
/**
 * What a compressed table may become: as much as one that is not compressed, since reading it takes as
 * long.
 */
export const MAX_SOURCE_INFLATED_BYTES = 5 * GiB;
/** Tables deflate 3 to 30 times; above this ratio one that became large is taken for a bomb. */
export const MAX_SOURCE_RATIO = 200;
/** Up to here any ratio is harmless: rows that are all alike, in some seconds of reading. */
export const RATIO_FREE_BYTES = 64 * MiB;
/** One row, as JSON: keeps a broken quote from reading a whole file as one cell. */
export const MAX_ROW_BYTES = 4 * MiB;
/**
 * Bytes beyond ASCII by which the encoding of a file is found: some 100,000 characters of any script. The
 * others are proved when it is read.
 */
export const SURVEYED_BYTES = 256 * KiB;
export const MAX_COLUMNS = 16_384;
/**
 * A column's name, and all names of a data source together, in bytes of UTF-8: they are listed in its
 * item, of which DynamoDB takes 400 KB. 16,384 names of 16 bytes are 256 KiB.
 */
export const MAX_COLUMN_NAME_BYTES = 1_000;
export const MAX_COLUMN_NAMES_BYTES = 256 * KiB;
/** Names of the fields inside of objects and lists of JSON, beside those in the item: 64 KiB of 400 KB. */
export const MAX_NESTED_NAMES_BYTES = 64 * KiB;
/** Objects and lists within each other, the row itself included: code that walks a row recurses. */
export const MAX_ROW_DEPTH = 32;
export const MAX_ROWS = 100_000_000;
/** Rows that one task may group: of each some numbers are in memory, and the value that groups it: some 200 MB. */
export const MAX_GROUPED_ROWS = 1_000_000;
/** Lines of groups that are gathered in one reading of the source: as texts in memory. */
export const GROUPED_AT_ONCE_BYTES = 64 * MiB;
/** Parts of a workbook that are read as a whole: its list of sheets, its styles; most have some 100 KB. */
export const MAX_WORKBOOK_PART_BYTES = 16 * MiB;
/**
 * Texts of a workbook that its cells share, with 8 bytes for each: they are kept in memory while the sheet is
 * read. A million rows with five columns of texts that are all different take some 150 MB.
 */
export const MAX_SHARED_STRING_BYTES = 512 * MiB;
/** Rows and columns of a sheet (ECMA-376 part 1, 18.3.1.73; Excel specifications and limits). */
export const MAX_SHEET_ROWS = 1_048_576;
/** Areas of merged cells of a sheet: 16 bytes each. */
export const MAX_MERGED_AREAS = 1_000_000;
/**
 * Entries of a workbook's lists, as texts in memory while its rows are read: some million of 100 characters, with
 * what each takes besides.
 */
export const MAX_JOINED_BYTES = 384 * MiB;
/** Lists within each other: a row of MAX_ROW_DEPTH levels has two for each. */
export const MAX_LIST_DEPTH = 8;
/** Sheets that are looked at for lists: a request to the bucket each. */
export const MAX_JOINED_SHEETS = 200;
/** Sheets that an answer lists, of names of up to 31 characters. */
export const MAX_LISTED_SHEETS = 100;
/**
 * Cells that the report of a check marks. Each takes some 1 KB of XML for its comment and the shape that shows it:
 * 10 MB, which Excel opens in a second or two. Who has more is told so, and corrects the first ones first. A check keeps
 * as many rows of each thing that it may find, at one byte or two each: 2,000 columns that have ten things each in all of
 * their rows, 200 to 400 MB.
 */
export const MAX_REPORT_MARKS = 10_000;
/** What a comment says of its cell, in UTF-16 units: more than anybody reads. */
export const MAX_REPORT_COMMENT_CHARACTERS = 1_000;
/** Findings that the report lists, one a line. */
export const MAX_REPORT_FINDINGS = 1_000;
/** Comments that a sheet may have already to get further ones: their parts are read as a whole. */
export const MAX_OTHER_COMMENTS = 20_000;
/** Conditional formats of a sheet up to which those of a report are put before them. */
export const MAX_OTHER_RULES = 10_000;
/**
 * A workbook that is marked has at most so many bytes, and its sheet so many of XML: without ZIP64, which not all
 * readers of workbooks know, 4 GiB is the end, and compressing 2 GiB takes some 60 s.
 */
export const MAX_MARKED_BYTES = 1 * GiB;
export const MAX_MARKED_SHEET_BYTES = 2 * GiB;
/** Rows among which that of the columns' names is looked for, and the bytes of them that are kept for it. */
export const HEADER_SEARCH_ROWS = 30;
export const HEADER_SEARCH_BYTES = 4 * MiB;
/**
 * What reading a table leaves of its function's 900 s: enough to end an upload and record the outcome. Until then
 * 5 GiB are read at 6 MB/s and above; whatever takes longer is told so, as a further attempt would.
 */
export const INGEST_RESERVE_MS = 30_000;
/** Offsets in the index of rows: 6 bytes each, so an index has at most 384 KiB. */
export const MAX_INDEX_OFFSETS = 65_536;
/** A preview ends early when its rows, as JSON, grow beyond this: Lambda answers at most 6 MB. */
export const PREVIEW_BYTES = 1_000_000;
/** A message of ours, whatever names of tags, columns or fields it quotes. */
export const MAX_DETAIL_CHARACTERS = 1_000;
/** A place in a body, or a path, as a problem tells it; names of fields may be of any length. */
export const MAX_POINTER_CHARACTERS = 500;
/** Problems that are listed for a bad file; the others are counted. */
export const MAX_LISTED_PROBLEMS = 100;
/** A file with more of them is read no further: finding one takes some microseconds, of a file up to 100 million. */
export const MAX_COUNTED_PROBLEMS = 100_000;
export const MAX_TEMPLATES_PER_TASK = 20;
export const PAGE_LIMIT_DEFAULT = 20;
export const PAGE_LIMIT_MAX = 100;
/**
 * Bytes of report lines that one request looks at for documents: some 35,000 lines of 120 bytes, which take 0.2 s of one
 * core. The first look is a small one, as most texts are found often; each further one is four times as large.
 */
export const LOOKED_BYTES = 4 * MiB;
export const FIRST_LOOK_BYTES = 64 * KiB;
/**
 * Of lines that a list of one outcome passes over, and of shards that it reads, one after the other: a request reads
 * some 64 times, in some 1 s.
 */
export const LISTED_BYTES = 2 * MiB;
export const MAX_LISTED_SHARDS = 32;
/** Shards whose lines are read side by side, and how often so in one request: 160 reads take some 0.5 s. */
export const LOOKS_AT_ONCE = 16;
export const MAX_LOOKS = 10;

/** Of printable ASCII: an UUID has 36. */
export const MAX_IDEMPOTENCY_KEY_CHARACTERS = 255;

// ── Requests to others ──
/** A URL that requests are sent to: what browsers and servers take without a thought. */
export const MAX_TARGET_URL_CHARACTERS = 2_048;

// ── Retries ──
/** Rows that one call corrects: what people send by hand or by a script; more is a corrected table. */
export const MAX_CORRECTIONS = 10_000;
/**
 * Rows of a task that are corrected after all of its calls, and their values as JSON: every worker reads
 * them, in some 0.2 s.
 */
export const MAX_CORRECTED_ROWS = 50_000;
export const MAX_CORRECTIONS_BYTES = 16 * MiB;
/**
 * Rows that one retry makes anew. They are copied while its run is planned: at 40 µs a row, and 60 MB/s
 * of reading and as much of writing for 5 GB of them, 370 s of the plan's 600.
 */
export const MAX_RETRIED_ROWS = 5_000_000;
/**
 * How long one step merges what a retry made into the segments of the shards that have the same rows: a
 * shard of 256 MB takes some 1.5 s of a processor, and 3 s of S3 where every other document is another.
 * What does not fit into this is left to the run's next round.
 */
export const MERGE_MS = 600_000;
/** A step that merged for longer than this leaves the archive to the next one, which has all of its time. */
export const SHORT_MERGE_MS = 60_000;
/** Each has 60 bytes in the task's item, which every report of progress writes. */
export const MAX_RETRIES_PER_TASK = 50;
/** Numbers of rows as text: some 12,000 of them by themselves. */
export const MAX_ROWS_CHARACTERS = 100_000;

// ── Webhooks ──
/** Of an owner. All are read, 1 KB each, whenever something happens that may be sent. */
export const MAX_ENDPOINTS = 20;
/**
 * Deliveries of a task, at most; each is an item of up to some 6 KB for as long as the task is there. The
 * ends of its runs may take the second half, so that no number of pauses keeps them back.
 */
export const MAX_DELIVERIES = 1_000;
export const MAX_PASSING_DELIVERIES = MAX_DELIVERIES / 2;
/** The last attempts of a delivery that are kept, of some 100 bytes: all of two sendings. */
export const MAX_KEPT_ATTEMPTS = 20;
/**
 * Pauses between the attempts at a delivery, in seconds: short ones for a server that is just started anew,
 * growing ones for one that is down, 24 hours in all.
 */
export const DELIVERY_PAUSES_SECONDS = [
  1,
  5,
  60,
  600,
  3_600,
  3 * 3_600,
  7 * 3_600,
  // What is left of 24 hours: 12.8 of them.
  86_400 - (1 + 5 + 60 + 600 + 3_600 + 10 * 3_600),
] as const;
/** After this a delivery is given up, whatever its server asked to wait. */
export const DELIVERY_SECONDS = 86_400;
/** So much of a pause is left to chance, so that what failed together does not come back together. */
export const DELIVERY_JITTER = 0.1;
/** One attempt: what Standard Webhooks names as the least, 15 to 30 s. */
export const WEBHOOK_TIMEOUT_MS = 15_000;
/** What is kept of the test of an endpoint is forgotten after this. */
export const ENDPOINT_TEST_SECONDS = 24 * 3600;

// ── Template packages: refused before they are inflated ──
export const MAX_PACKAGE_ENTRIES = 5_000;
export const MAX_PACKAGE_INFLATED_BYTES = 200 * MiB;
/** Plain XML deflates 10 to 30 times; above this ratio an entry over 1 MiB is taken for a bomb. */
export const MAX_PACKAGE_RATIO = 200;

// ── Templates ──
/**
 * Tags of XML in all parts of a template, closing ones included, and braces, each of which counts as so
 * many: what reading and trying a template takes in time and memory goes with them. At most some 4 s and
 * 800 MB of one core. A page of Word has some 100 to 400 tags of XML.
 */
export const MAX_TEMPLATE_XML_TAGS = 200_000;
export const XML_TAGS_PER_BRACE = 4;
/**
 * How long the completion of a template may take to check it: four at a time, twice over, leave the local
 * cloud's API within the 30 s after which its gateway gives up.
 */
export const TEMPLATE_CHECK_MS = 10_000;
/**
 * Sections within each other. People write some 50 as "else if" over a country's states; each costs
 * what all around it cost again, and recursion.
 */
export const MAX_SECTION_DEPTH = 100;

// ── Documents ──
/** A produced document above this size fails its row with TOO_LARGE. */
export const MAX_DOCUMENT_BYTES = 100 * MiB;
/** A name in the archive, folders included, in bytes of UTF-8: file systems stop at 255, Windows paths at 260. */
export const MAX_DOCUMENT_NAME_BYTES = 180;
/** Folders of such a name, in each other, and bytes that they may have together: the rest is the file's. */
export const MAX_NAME_FOLDERS = 5;
export const MAX_FOLDER_BYTES = 100;

// ── Sharding ──
/**
 * Work in a shard, by the measured cost of its rows: long enough that calls do not count, and an
 * eighth of what the function may take, so that rows may be dearer than the sample.
 */
export const SHARD_WORK_MS = 15_000;
/** Less than this is not worth a shard's calls, which take some 50 to 100 ms. */
export const SHARD_MIN_WORK_MS = 250;
/**
 * The largest segment wanted. Of one-page letters (9.3 KB) it holds 28,800: half a second of work, and
 * two or three of sending (SEGMENT_BYTES_PER_SECOND), so that the 0.3 s of a shard's calls are a tenth of
 * it, and there are few shards to write to the task's partition of the table. In memory a segment is
 * only parts of PART_BYTES; a lost attempt costs its three seconds. 9,000 of them make 2.4 TB.
 */
export const SEGMENT_BYTES = 256 * MiB;
/**
 * Shards of one task that may end in a second. Each writes to the task's partition of the table: its
 * lease, its last report (to its own item and to the task's), its end. While it works, it reports every
 * concurrency ÷ TASK_WRITES_PER_SECOND, which at this pace are 2 reports more. The task's item is a unit
 * up to 1 KB and two with much metadata: 75 × (5 + 2 × 3) = 825 of the 1,000 that a partition takes a
 * second. The 33 parts of a segment and their 2 calls are 75 × 35 = 2,625 of the 3,500 that S3 takes on
 * one prefix.
 */
export const SHARDS_PER_SECOND = 75;
/**
 * As fast as one shard sends, at the best: three parts of 8 MiB at a time, each of which takes 0.08 s at
 * 100 MB/s and 0.1 s until S3 has answered.
 */
export const SEGMENT_BYTES_PER_SECOND = 130_000_000;
/** Rows that are rendered to plan a task, from several places of the data. */
export const SAMPLE_ROWS = 12;
export const SAMPLE_PLACES = 4;
/** The sample is rendered over and over for this long: what the engine compiles late is compiled then. */
export const SAMPLE_MS = 40;
/** A sample that takes longer is not finished: the plan goes by the rows that were measured. */
export const SAMPLE_BUDGET_MS = 5_000;
/**
 * A task of so many documents is not measured: one shard makes most of them, at 0.1 to 0.5 ms each, before
 * a map would have begun. If they are slow ones, the shard ends after PROBE_MS, and the rest is planned by
 * what it took.
 */
export const PROBE_DOCUMENTS = 2_000;
export const PROBE_MS = 2_000;
/**
 * Plans of a run, one after the other, at most: each of them takes some 25 of the 25,000 events that the
 * history of an execution may have. A slow task of one shard works two minutes in a round: 16 hours.
 */
export const MAX_ROUNDS = 500;
/** Plans in a row that found nothing done since the one before, until the run ends with what there is. */
export const MAX_IDLE_ROUNDS = 2;
/** Shards of one task at a time, at most. */
export const MAX_CONCURRENCY = 1_000;
/** One part of the archive each, with room for the directory and the reports among 10,000 parts. */
export const MAX_SHARDS = 9_000;

// ── Documents of an earlier task ──
/**
 * Rows before and behind a shard of which it is looked whether their documents in an earlier task are the
 * same: so far may a row have moved. Of half a million documents 8 MB of fingerprints and 8 of a table
 * are in memory, and read once in a process.
 */
export const BASE_REACH_ROWS = 250_000;
/** As many documents at the most, where rows have several: 32 MB and 32 of the table. */
export const BASE_DOCUMENTS = 2_000_000;
/** Documents between two that are taken over, one behind the other, that are passed over in one reading. */
export const BASE_SKIPPED = 64;
/**
 * How often an attempt reads elsewhere than behind what it took over last. Each time costs some 30 ms, as
 * much as 1,000 letters: a table in another order is made anew but for so many, and for what lies together.
 */
export const BASE_JUMPS = 64;

// ── Assembling: two lanes side by side ──
/**
 * Server-side copies under way. Each costs a waiting request here, and S3 some seconds: with 0.15 s and
 * 100 MB/s for 270 MB, 3,500 segments (0.95 TB) take 3,500 ÷ 32 × 2.85 s = 310 s of the function's 900.
 */
export const COPIES_AT_ONCE = 32;
/**
 * Joined parts under way, at most, and all their bytes. Beside them in memory are only what is read for
 * them, as much again, and the directories in which parts begin and end: a few MB each. Of the usual 8 to
 * 16 MiB there are 6; those of an archive that needs larger ones are fewer.
 */
export const JOINS_AT_ONCE = 6;
export const JOINED_BYTES_AT_ONCE = 128 * MiB;
/** Reads under way for one joined part: most are small and wait for S3's first byte. */
export const READS_AT_ONCE = 8;

// ── Time ──
/**
 * A lease on a shard is renewed at every flush; a shard whose worker was killed can be taken up
 * after this. A single document slower than this may be rendered twice, but is published once.
 */
export const LEASE_MS = 10_000;
/**
 * One attempt at a shard, which its function ends after this. A shard is planned for SHARD_WORK_MS; slow
 * rows and slow starts get eight times that.
 */
export const RENDER_SHARD_MS = 120_000;
/**
 * Attempts at a shard whose workers vanished, killed with their machine or from outside, are not counted
 * against maxRetries. So many of them say that the shard itself ends its worker.
 */
export const MAX_VANISHED_ATTEMPTS = 10;
/** What an attempt keeps of its function's time for publishing what it made. */
export const SHARD_RESERVE_MS = 5_000;
/**
 * An attempt that has less than this left for a document begins no further one that may take as long: it
 * would likely be broken off, and begun again by the next attempt. Longer documents are tried; what is
 * broken off then has not had all of its time, and is not taken for failed.
 */
export const LONG_PART_MS = 40_000;
/**
 * An attempt that works for longer than a shard is planned for publishes what it made this often: that
 * much is done again at most when its worker is killed.
 */
export const CHECKPOINT_MS = 20_000;
/** How long a finished shard waits for its turn to tell of failed documents. */
export const FAILURE_PATIENCE_MS = 1_000;
/** The shortest time between two flushes of a shard's progress. */
export const FLUSH_INTERVAL_MS = 250;
/** One task's item takes at most this many writes a second; DynamoDB allows 1,000 an item. */
export const TASK_WRITES_PER_SECOND = 200;
/** The shortest time between two pushes of a task's progress. */
export const PUSH_INTERVAL_MS = 200;
/**
 * Of the time of a task, pushing its progress takes one part in this many: after a push that took 400 ms
 * the next one is due 8 s later. On one machine the gateway, which checks and sends every message, and the
 * clients share the processors with it, and take about as much again.
 */
export const PUSH_SHARE = 20;
/** However many watch: after this, a push is due. 10,000 clients take 5 to 10 s of each 30. */
export const PUSH_INTERVAL_MAX_MS = 30_000;
/**
 * What one message costs at the least, in ms of a processor: 0.25 ms is signing and sending it. 1,000
 * clients so have a push every 5 s at the soonest, which API Gateway bills with $0.72 an hour; at five
 * a second it were $18.
 */
export const SEND_COST_MS = 0.25;
/**
 * What one is taken to cost before a push has shown it, on a slow machine: 1,000 clients hear of the start
 * of a task after 15 s, or with its end.
 */
export const FIRST_SEND_COST_MS = 3 * SEND_COST_MS;
/** A teller that was killed holds up those after it for this long. */
export const PUSH_LEASE_MS = 3_000;
/**
 * Clocks of machines differ by less than this. A time in the table that lies further ahead was written
 * before a clock was set back, or by one that is wrong: it holds nobody up.
 */
export const CLOCK_SKEW_MS = 2_000;
/** One message to one connection; API Gateway takes 5 to 15 ms. Nobody waits longer for a client. */
export const SEND_MS = 1_000;
/** Messages under way: 1,000 clients, each 15 ms away, have theirs after 150 ms. */
export const SENDS_AT_ONCE = 100;
/** A connection whose message did not go through gets no progress for this long. */
export const SLOW_CONNECTION_MS = 10_000;
/** To more subscribers than this the start is told by workers, beside their rendering. */
export const CROWD_SUBSCRIBERS = 20;
/**
 * Items over which the connections are spread that were told of a task's end: 10,000 of 30 bytes are
 * 19 KB in each. A write claims so many of them: DynamoDB takes 4 KB of expression, 64 × 31 are 2 KB.
 */
export const END_CLAIM_ITEMS = 16;
export const END_CLAIMS_PER_WRITE = 64;
/** document_failed events a push may carry: 4 every 200 ms are the 20 a second of the contract. */
export const FAILURE_EVENTS_PER_SECOND = 20;
/** Tasks in the snapshot of a subscription to all tasks: 100 of 400 bytes fit in a 128 KiB message. */
export const MAX_SNAPSHOT_TASKS = 100;
export const TICKET_SECONDS = 600;
/** Documents that failed are kept for streams that look at them now and then. */
export const PASSING_EVENT_SECONDS = 300;
/** Of a ticket for server-sent events: a browser reconnects with the same address all day. */
export const EVENTS_TICKET_SECONDS = 12 * 3600;
/**
 * A stream of server-sent events ends by itself after a time between these: its function does not learn
 * that its client has left. Not all end at once that began at once.
 */
export const EVENT_STREAM_MS = 80_000;
export const EVENT_STREAM_MAX_MS = 100_000;
/** The function that serves one has this long, so that a client that reads slowly gets its last event. */
export const EVENT_STREAM_TIMEOUT_SECONDS = 120;
/** After a stream has ended, a client comes again after this. */
export const EVENT_STREAM_RETRY_MS = 1_000;
/** A comment this often keeps whatever lies between from closing a connection that is quiet. */
export const EVENT_STREAM_COMMENT_MS = 15_000;
/**
 * Between two looks at a task: while it tells something, and when it has not for a while; each wait is a
 * half longer than the one before. An hour of the shortest is 14,400 reads, $0.0018.
 */
export const EVENT_LOOK_MS = 250;
export const EVENT_LOOK_MAX_MS = 2_000;
/** The same for all tasks of an owner: two queries and a read for each task that is under way. */
export const OWNER_LOOK_MS = 1_000;
export const OWNER_LOOK_MAX_MS = 4_000;
/** For each of them the looks lie so much further apart, so that 100 tasks are 40 reads a second. */
export const OWNER_LOOK_PER_TASK_MS = 25;
/** Who finds all streams taken comes again after this: of 50, one ends every two seconds. */
export const NO_STREAM_RETRY_SECONDS = 10;
/** API Gateway closes a connection after 2 hours; its items live a little longer. */
export const CONNECTION_SECONDS = 2 * 3600 + 600;
/**
 * How long an upload link is good, at most: in AWS it ends with the credentials of the function that
 * signed it, of which nobody can say beforehand how long they last (S3 User Guide, "Download and upload
 * objects with presigned URLs").
 */
export const UPLOAD_LINK_SECONDS = 3600;
export const DOWNLOAD_LINK_SECONDS = 900;
export const SECONDS_PER_DAY = 24 * 3600;
/** An ended task and its objects, templates and sources excepted, are kept this long unless it says how long. */
export const TASK_RETENTION_DAYS = 7;
export const TASK_RETENTION_DAYS_MAX = 365;

// ── Deleting ──
/** Objects or items of a task that are deleted in one go: a page of S3's listing, 1,000 ÷ 32 × 15 ms = 0.5 s. */
export const DELETION_PAGE = 1_000;
export const DELETES_AT_ONCE = 32;
/** A task that is deleted has expired so many seconds ago, for the clock of whichever reader. */
export const DELETION_STALE_SECONDS = 3_600;
/**
 * After this, what late workers wrote of a deleted task is looked for: longer than any function lives, which
 * is 900 s at the most, and its retries.
 */
export const SECOND_DELETION_SECONDS = 3_600;
/** A call that ends a task tells of it within this: it lives 29 s. */
export const TELL_AFTER_SECONDS = 60;
/** A note of what is due is written up to this long before what it is of: an API call lives 29 s. */
export const NOTE_GRACE_MS = 15 * 60 * 1_000;
/** A template or data source whose upload never came is forgotten after this. */
export const AWAITING_UPLOAD_SECONDS = 24 * 3600;
/** The same key and body are answered with the first result for this long. */
export const IDEMPOTENCY_SECONDS = 24 * 3600;
/**
 * A request with an Idempotency-Key is taken for dead after this: the API's function, which carries it
 * out, is ended after 29 s, and clocks differ by CLOCK_SKEW_MS.
 */
export const IDEMPOTENCY_LEASE_MS = 35_000;

// ── Queue, quota and schedules ──
/** Tasks of an owner that work at the same time, unless set for the owner. */
export const TASK_LIMIT_DEFAULT = 3;
/** A slot takes some 90 bytes of the owner's item, of which DynamoDB takes 400 KB: a quarter of it. */
export const TASK_LIMIT_MAX = 1_000;
export const MAX_PRIORITY = 100;
export const PRIORITY_DEFAULT = 50;
/**
 * What was begun for a task and not followed by a change of the task for so long was left behind by a process that
 * died: a function of the API ends after 29 s, and a step of a workflow that does such a thing after 60.
 */
export const CLAIM_GRACE_MS = 90_000;
/** An owner who has nothing that works or waits is looked after by the sweeper for so long. */
export const SWEPT_IDLE_MS = 10 * 60_000;
/** Owners whom the sweeper reads at once, and looks after at once: some 10 calls of 5 ms each. */
export const SWEEP_PAGE = 100;
export const SWEEP_LANES = 8;
/** With less than this left, the next call goes on. */
export const SWEEP_RESERVE_MS = 15_000;
/** Entries of the queue that are read at once: the first is nearly always the one. */
export const QUEUE_PAGE = 10;
/** Step Functions lets an execution take a year, and the Wait of a schedule is one. */
export const SCHEDULE_DAYS_MAX = 360;

// ── Step Functions ──
/** Between the plan of a round and its map pass some 100 ms; whoever looks for the map waits this long, some times. */
export const MAP_STARTS_MS = 250;
/** Input and output of every state and execution. */
export const STATE_BYTES_MAX = 256 * KiB;

/** Marks that each finding gets before those that are in more rows get further ones. */
export const FIRST_MARKS = 200;
/** Rows of which a check knows whether they come again: two places of 12 bytes for each are 100 MB. */
export const MAX_COMPARED_ROWS = 4_000_000;
/**
 * Tags that a check reads in one row: a list within itself is as many as its entries squared. A row of 4 MB has
 * two million values at most; to read so many takes some seconds.
 */
export const MAX_TAGS_READ_PER_ROW = 4_000_000;
/** Columns of which a check looks at the values by themselves. */
export const MAX_PROFILED_COLUMNS = 2_000;
/** Findings that are told, the gravest first. */
export const MAX_FINDINGS = 200;
/** Numbers of rows that a finding tells. */
export const FINDING_ROWS = 10;
/** A check of more rows is known before its report is written, in some 35 s for each million. */
export const REPORTED_AT_ONCE_ROWS = 2_000_000;
/** The report of a check is begun once in such a stretch of time, however often it is asked for meanwhile. */
export const REPORT_ATTEMPT_MS = 600_000;
/** A workbook of results that comes from none has at most so many bytes: 4 GiB, the end without ZIP64, less a sheet's end. */
export const MAX_RESULTS_WORKBOOK_BYTES = 3 * GiB;
/** Left of a function's time when it writes no more results: to end an upload, and to record that there are too many. */
export const RESULTS_RESERVE_MS = 60_000;
/** Left of a function's time when it reads no more rows: to tell what it found, and to write the report. */
export const TRIAL_RESERVE_MS = 240_000;

// ── Samples ──
/** Rows that are chosen: as many as people look at. */
export const MAX_CHOSEN_ROWS = 20;
/** Rows that are named beside them: with 20 templates 800 documents in all, whose links are 1.5 MB. */
export const MAX_NAMED_ROWS = 20;
/**
 * Things worth looking at that are told apart. Each keeps at most one row with what that row shows, in four
 * bytes for each: 2,000 x 2,000 x 4 are 16 MB.
 */
export const MAX_FEATURES = 2_000;
/** Reasons that are told of one row, and things of which no sample is shown. */
export const MAX_REASONS = 12;
export const MAX_NOT_SHOWN = 50;
/** Left of a function's time when it makes no more samples: to write the archive and the documents. */
export const SAMPLES_RESERVE_MS = 90_000;
/** Documents that are copied at a time: each is a read and a write. */
export const SAMPLES_AT_ONCE = 8;

// ── Calls of others' services ──
/** How far ahead calls get their turn: at 50 a second some 12 in one write, at 1,000 a second 250. */
export const PACE_AHEAD_MS = 250;
/** A turn that is taken this late is lost, so that late ones do not come in a crowd. */
export const PACE_LATE_MS = 50;
/** Unless its worker is as late at each: then its turns count as if they came by so much later, and no more than this. */
export const PACE_LATE_MOST_MS = 5_000;
/**
 * Whoever got fewer turns than it wants leads: until then nobody else gets any, or for so long at the most when
 * other tasks wait. Each change costs what it takes to see that it happened, at most twice the time between two
 * looks: of 2 s some 5 %.
 */
export const PACE_LEAD_MS = 2_000;
export const PACE_LOOK_MS = 50;
/** A leader writes some four times a second: of one who wrote nothing for so long nobody knows. */
export const PACE_LEADER_GONE_MS = 1_500;
/** What a worker has under way counts until it has told nothing for so long; it tells three times as often. */
export const PACE_HOLD_MS = 15_000;
export const PACE_RENEW_MS = 5_000;
/** Answers that came since are told at the latest after this. */
export const PACE_TELL_MS = 1_000;
/** Whoever got no turn asks again after this at the latest, and not before that. */
export const PACE_ASK_MAX_MS = 1_000;
export const PACE_ASK_MIN_MS = 20;
/** When a service says that calls come too fast, the rate falls to this share, at most once in so many ms. */
export const RATE_FALL = 0.7;
export const RATE_FALL_MS = 1_000;
/** While it takes them, the rate rises by this share of the full one a second, and never falls below the other. */
export const RATE_RISE_PER_SECOND = 0.05;
export const RATE_LEAST_SHARE = 0.01;
/** What a service may ask for by Retry-After. */
export const RETRY_AFTER_MAX_MS = 3_600_000;

// ── Connections to services ──
/** Of an owner. One with secret headers costs $0.40 a month. */
export const MAX_CONNECTIONS = 50;
/** Headers of a connection, secret ones among them; and their names and values: servers take some 8 to 16 KB. */
export const MAX_CONNECTION_HEADERS = 30;
export const MAX_CONNECTION_HEADER_CHARACTERS = 8_000;
/** What a call may be said to cost. */
export const MAX_PRICE_PER_CALL_USD = 1_000;

// ── Row steps ──
/** One try to send a request whose answer comes later takes no longer. */
export const CALLBACK_SEND_MS = 60_000;
/**
 * A shard that waits for callbacks looks by itself after so long, or after such a part of what it may yet wait, should nobody
 * have told it: 13 events in its history a time, of 25,000. Ten steps of seven days each are some 1,250 times.
 */
export const CALLBACK_ROUND_SECONDS = 900;
export const CALLBACK_ROUNDS = 30;
/** Rows whose time is over within so long of each other are given up together. */
export const CALLBACKS_TOGETHER_MS = 30_000;
/** While rows are sent, those that were sent before are looked after so often. */
export const CALLBACK_LOOK_MS = 30_000;
/** Callbacks that are looked for at once. */
export const CALLBACK_READS_AT_ONCE = 50;
/** Rows of a shard that are called; and workers that call rows of one task. */
export const CALL_SHARD_ROWS = 1_000;
export const CALL_WORKERS = 10;
/** Rows that one worker has under way, and where their steps give files. */
export const ROWS_UNDER_WAY = 1_000;
export const FILE_ROWS_UNDER_WAY = 50;
/** Answers wait so long at the most until they are kept, or until they are so many bytes. */
export const ANSWERS_MS = 2_000;
export const ANSWERS_BYTES = 8 * MiB;
/** An attempt that calls ends so long before its function does: to keep what came last. */
export const CALL_RESERVE_MS = 20_000;
/** So many rows of a worker failed, and none of its calls succeeded for so long: the task pauses. */
export const BREAKER_ROWS = 20;
export const BREAKER_MS = 20_000;
/** The same when nothing came for so long, though no row has failed yet: the service asks to be called later. */
export const STUCK_MS = 300_000;
/** Rows that one worker has under way have so many bytes together, at the most. */
export const ROW_BYTES_UNDER_WAY = 32 * MiB;
/** What a row keeps of an answer: with 1,000 rows in a shard 64 MB at the most. */
export const MAX_STEP_VALUE_BYTES = 64 * KiB;
/** Steps of a task, and columns that they give together. */
export const MAX_STEPS = 10;
export const MAX_STEP_COLUMNS = 200;
/** What a request may have, filled with a row. */
export const MAX_STEP_REQUEST_CHARACTERS = 4 * MiB;
/** A file that comes with an answer. */
export const MAX_STEP_FILE_BYTES = 20 * MiB;
/** What is told of an answer that is none. */
export const MAX_TOLD_CHARACTERS = 300;
/** Between two tries of a call: twice as long each time, and by chance anything below. */
export const STEP_PAUSE_MS = 1_000;
export const STEP_PAUSE_MAX_MS = 60_000;
/** How often a service may ask one row to come later. */
export const MAX_THROTTLED_TRIES = 30;
