import { checkLimits } from './limits';
import { examples } from './examples';
import { formatText } from './parse-text';

test('there are some of each language, under ids of their own', () => {
  expect(examples.filter(({ language }) => language === 'en')).toHaveLength(6);
  expect(examples.filter(({ language }) => language === 'zh')).toHaveLength(8);
  expect(new Set(examples.map(({ id }) => id)).size).toBe(examples.length);
});

test('those in Chinese begin with what machine learning is and how to learn Python', () => {
  const [first, second] = examples.filter(({ language }) => language === 'zh');
  expect(first).toEqual({
    id: 'zh-machineLearning',
    language: 'zh',
    titleKey: 'examples.machineLearning',
    query: '什么是机器学习?',
    documents: ['机器学习是人工智能的一个分支', '深度学习是机器学习的一种方法', '统计学是数据分析的基础'],
  });
  expect(second).toMatchObject({
    query: '如何学习Python编程?',
    documents: ['Python是一种高级编程语言', '建议从基础语法开始学习', '多写代码实践很重要'],
  });
});

test.each(examples)('$id has different documents, within the limits, that the text box can hold', (example) => {
  const { query, documents } = example;
  expect(new Set(documents).size).toBe(documents.length);
  expect(formatText(documents).isExact).toBe(true);
  const limits = { maxDocuments: 1_000, maxTextCharacters: 1_000, maxBodyBytes: 10_000 };
  expect(checkLimits({ query, documents, model: '', instruction: '' }, limits)).toEqual([]);
});
