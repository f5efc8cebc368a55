import type { ShapeOf } from '../catalogue.ts';
import type { preview as english } from '../en/preview.ts';

export const preview: ShapeOf<typeof english> = {
  preview: {
    of: (name) => `${name} 的预览`,
    note: '由浏览器绘制：换行和分页可能与 Word 中不同。',
    broken: '无法在此绘制这份文档。请用 Word 打开查看。',
    picture: '图片',
    chart: '图表',
  },
};
