import { n } from './numbers.ts';
import type { ShapeOf } from '../catalogue.ts';
import type { wizard as english } from '../en/wizard.ts';

export const wizard: ShapeOf<typeof english> = {
  wizard: {
    title: '新建任务',
    steps: '步骤',
    step: (index, count) => `第 ${index} 步，共 ${count} 步：`,
    more: '显示更多',
    noMatch: '没有匹配项。',
    template: '模板',
    data: '数据',
    check: '检查',
    start: '开始',
    done: '已完成',
  },
  template: {
    choose: '或选择已有的模板',
    none: '还没有模板。',
    search: '搜索模板',
    tags: '由各行填写的内容',
    tagCount: (count) => n(count, '# 个标签'),
    noTags: '这份文档没有标签，每一行都会得到相同的文档。请在需要填值的地方写 {name}。',
    value: '值',
    section: '重复，或有值时显示',
    inverted: '无值时显示',
    conditional: '在条件中',
    mergeField: 'Word 合并域',
    inPart: {
      header: '页眉',
      footer: '页脚',
      footnotes: '脚注',
      endnotes: '尾注',
      comments: '批注',
    },
    faults: '这份文档还不能用作模板',
    faultCount: (count) => n(count, '发现 # 处问题'),
    faultsHint: '请在 Word 中更正并保存，然后把文件再次拖到这里。',
    another: '换一个模板',
    warnings: '请留意',
    page: '页面',
    pageLater: '只能绘制在此拖入的文件。再次拖入文件即可查看。',
    uploadedAs: (name) => `文件 ${name}`,
    slow: '此模板由更周全但较慢的引擎填写。',
  },
  drop: {
    template: '把 Word 文档拖到这里',
    templateKinds: '带有 {name} 这样标签的 .docx',
    choose: '选择文件',
    uploading: (name) => `正在上传 ${name}…`,
    oneOnly: '一次只能拖入一个文件。',
  },
};
