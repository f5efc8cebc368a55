import { n } from './numbers.ts';
import type { ShapeOf } from '../catalogue.ts';
import type { parts as english } from '../en/parts.ts';

export const parts: ShapeOf<typeof english> = {
  preview: {
    of: (name) => `${name} 的预览`,
    note: '由浏览器绘制：换行和分页可能与 Word 中不同。',
    broken: '无法在此绘制这份文档。请用 Word 打开查看。',
    cut: (count) => n(count, '此处只绘制前 # 页。'),
    whole: '下载整份文档',
    picture: '图片',
    chart: '图表',
  },
  drop: {
    data: '把表格拖到这里',
    dataKinds: '.xlsx、.csv、.json 或 .jsonl',
    checking: (name) => `正在读取 ${name}…`,
    template: '把 Word 文档拖到这里',
    templateKinds: '带有 {name} 这样标签的 .docx',
    choose: '选择文件',
    uploading: (name) => `正在上传 ${name}…`,
    oneOnly: '一次只能拖入一个文件。',
  },
  delivery: {
    status: { pending: '发送中', delivered: '已送达', failed: '未送达' },
    next: (when) => `下次尝试：${when}`,
    replay: '再次发送',
    replayed: '正在再次发送。',
  },
};
