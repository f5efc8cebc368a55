/** 带数量的词。 */
import { createPlural } from '../catalogue.ts';

const plural = createPlural('zh-CN');
export const n = (count: number, other: string): string => plural(count, { other });
export const documents = (count: number): string => n(count, '# 份文档');
export const rows = (count: number): string => n(count, '# 行');
