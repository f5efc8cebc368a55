import type { OwedEvent } from '../../../shared/schemas/events.ts';
import { documents, n, rows } from './numbers.ts';
import type { ShapeOf } from '../catalogue.ts';
import type { task as english } from '../en/task.ts';

export const task: ShapeOf<typeof english> = {
  stage: {
    waiting: '等待',
    planning: '规划',
    calling: '调用服务',
    rendering: '生成文档',
    assembling: '打包 ZIP',
    done: '完成',
  },
  task: {
    tabs: '任务的各部分',
    overview: '概览',
    failures: '失败',
    documents: '文档',
    log: '日志',
    webhooks: 'Webhook',
    progress: '进度',
    rate: '每秒文档数',
    rateChart: (now, most) => `打开页面以来的每秒文档数：现在 ${now}，最高 ${most}`,
    average: '平均每秒文档数',
    timeLeft: '剩余时间',
    unknown: '尚不清楚',
    stage: '当前',
    calls: '已调用服务的行',
    callsOf: (done, total) => `${done} / ${total}`,
    callsFailed: '失败的调用',
    money: '目前费用',
    moneyHint: '按各步骤所调用连接的价格计算。',
    took: '用时',
    created: '创建',
    started: '开始',
    finished: '结束',
    expires: '保留至',
    startsAt: '定于',
    template: '模板',
    source: '表格',
    inline: '随任务提交的行',
    gone: '已被删除',
    fileName: '文件名',
    fileNameNone: '行号',
    run: '运行次数',
    reused: '沿用',
    details: '详情',
    options: '选项',
    concurrency: '同时进行的部分',
    mode: '顺序',
    modes: { sequential: '逐个部分进行', parallel: '多个部分同时进行' },
    onError: '出现失败后',
    onErrors: { continue: '继续', stop: '停止' },
    missingValue: '缺少的值',
    missingValues: { empty: '留空', error: '算作失败' },
    onlyRows: '仅限这些行',
    filter: '仅限符合条件的行',
    groupBy: '每组一份文档，按',
    budget: '调用费用达到多少时暂停',
    maxFailures: '失败多少次后暂停',
    mapping: '标签与列',
    warnings: '请留意',
    checked: (errors, warnings) =>
      `开始前已检查：${n(errors, '# 个错误')}，${n(warnings, '# 个警告')}。`,
    downloads: '下载',
    zip: '下载 ZIP',
    zipHint: '所有文档打包成一个文件',
    zipNone: '任务结束时打包 ZIP。',
    resultsHint: '结果表，包含每一行及其结果：',
    asXlsx: 'Excel 工作簿',
    asCsv: 'CSV 表格',
    asJsonl: 'JSON Lines 文件',
    resultsWait: '正在生成结果表…',
    announce: (percent, left) => `百分之 ${percent}。${left}`,
    announceEnd: (status, made, failed) => `${status}。已生成 ${made}，失败 ${failed}。`,
    deleted: '没有这个任务，或者它已被删除。',
  },
  failures: {
    none: '没有失败的文档。',
    noneYet: '到目前为止没有失败的文档。',
    report: '全部失败（CSV）',
    firstOnly: (count) => n(count, '只显示前 # 条。任务结束后，报告中有全部。'),
    what: {
      RENDER_FAILED: '无法填写模板',
      MISSING_VALUE: '缺少数值',
      TIMEOUT: '用时过长',
      NAME_INVALID: '没有可用的文件名',
      TOO_LARGE: '文档过大',
      SHARD_FAILED: '部分工作最终失败',
      STEP_FAILED: '无法调用服务',
    },
    row: '行',
    rows,
    rowsAtFault: '有问题的行',
    moreRows: (count) => n(count, '还有 # 行'),
    correct: '更正并重试',
    correctTitle: (cause) => `更正：${cause}`,
    correctHint:
      '修改单元格后重试。只重新生成这些行，其他文档和您自己的文件都保持不变。按 Enter 到下一行，按 Shift+Enter 换行。',
    retryThese: (count) => `重试 ${rows(count)}`,
    columns: '列',
    allColumns: '所有',
    faultyColumns: '有问题的',
    changed: (count) => n(count, '已修改 # 个单元格'),
    loadMore: '更多行',
    cell: (column, row) => `${column}，第 ${row} 行`,
    fill: '填入所有行',
    fillLabel: (column) => `所有行的值，${column}`,
    notNow: '任务结束或暂停后才能更正各行。',
    retried: (count) => `正在重试 ${rows(count)}。`,
    noColumn: '各行没有对应的列，无法在此更正：请换一张表格，或在新任务中指定对应的列。',
  },
  documents: {
    find: '按行号或名称查找',
    show: '按结果显示',
    all: '全部',
    succeeded: '已生成',
    failed: '失败',
    skipped: '跳过',
    pending: '尚未生成',
    row: '行',
    name: '名称',
    outcome: '结果',
    template: '模板',
    size: '大小',
    get: '下载',
    getNamed: (name) => `下载 ${name}`,
    lookAt: (row) => `查看第 ${row} 行`,
    none: '还没有。某一部分完成后，其文档就会列出。',
    noneFound: '没有符合的文档。',
    listed: (count) => `已列出 ${documents(count)}`,
    found: (count) => `找到 ${documents(count)}`,
    looking: (row, of) => `正在查找：第 ${row} 行，共 ${of} 行…`,
    stop: '停止',
    stopped: (row, of) => `已停在第 ${row} 行，共 ${of} 行。`,
    goOn: '继续',
    refresh: '显示新的文档',
    unnamed: (row) => `第 ${row} 行`,
    previous: '上一行',
    following: '下一行',
    values: '这一行的值',
    noValues: '这一行是空的。',
    corrected: '已更正',
  },
  log: {
    none: '还没有发生任何事。',
    says,
    by: (who) => `由 ${who}`,
    more: '更多',
  },
  deliveries: {
    none: '此任务没有发送过 Webhook 消息。',
    event: '事件',
    address: '地址',
    status: '状态',
    attempts: '最近一次尝试',
    noAttempt: '尚无',
    tries: (count) => n(count, '尝试 # 次'),
    action: '操作',
    own: '任务自己的地址',
    removed: '已移除的地址',
  },
};

/** What happened to a task. Messages of faults are the API's own. */
function says(event: OwedEvent, sentence: string): string {
  switch (event.type) {
    case 'warnings_found':
      return `任务已创建，请留意：${event.payload.warnings.join(' ')}`;
    case 'start_requested':
      return '任务已启动。';
    case 'retry_requested':
      return '要求继续执行任务。';
    case 'pause_requested':
      return '要求暂停任务。';
    case 'cancel_requested':
      return '要求取消任务。';
    case 'task_queued':
      return `同时运行的任务已达上限，任务在排队，位置：${n(event.payload.position, '#')}。`;
    case 'task_scheduled':
      return `任务将在设定的时间自动启动：${event.payload.startAt}。`;
    case 'task_started':
      return `开始生成 ${documents(event.payload.totalDocuments)}。`;
    case 'shard_failed': {
      const { firstRow, rowCount, cause } = event.payload;
      const [first, last] = [n(firstRow, '#'), n(firstRow + rowCount - 1, '#')];
      return `第 ${first} 至 ${last} 行一起放弃：${cause}。其他行继续。`;
    }
    case 'task_paused':
      return `任务已暂停，进度 ${event.payload.progress}%。`;
    case 'task_resumed':
      return `任务继续，进度 ${event.payload.progress}%。`;
    case 'task_cancelled':
      return `任务已取消，进度 ${event.payload.progress}%。`;
    case 'documents_kept': {
      const rows = event.payload.rows.map((row) => n(row, '#')).join('、');
      return `${documents(event.payload.count)}未能重新生成，保留了原来的：第 ${rows} 行等。`;
    }
    case 'task_completed': {
      const { successful, failed, skipped, reused } = event.payload.result;
      const taken = reused === undefined ? '' : n(reused, '（其中 # 份沿用之前的任务）');
      return `任务已结束：生成 ${documents(successful)}${taken}，失败 ${n(failed, '#')}，跳过 ${n(skipped, '#')}。`;
    }
    case 'task_failed':
      return sentence;
  }
}
