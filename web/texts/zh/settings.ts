import { n } from './numbers.ts';
import type { ShapeOf } from '../catalogue.ts';
import type { settings as english } from '../en/settings.ts';

export const settings: ShapeOf<typeof english> = {
  settings: {
    title: '设置',
    usage: '用量',
    running: '进行中的任务',
    queued: '等待中的任务',
    limit: (count) => n(count, '最多同时 # 个'),
    made: '已生成的文档',
    budgetNone: '没有限制',
    budgetOf: (count) => n(count, '共 # 份'),
    reserved: '进行中的任务预留',
    appearance: '外观',
    language: '语言',
    theme: '主题',
    system: '跟随系统',
    light: '浅色',
    dark: '深色',
    session: '登录',
    sessionTab: '仅在此标签页登录。',
    sessionKept: '已登录，并在这台电脑上记住。',
  },
};
