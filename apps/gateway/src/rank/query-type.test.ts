import { classifyQuery } from './query-type';

describe('classifyQuery', () => {
  test.each([
    ['什么是机器学习?', 'definition'],
    ['机器学习的定义', 'definition'],
    ['What is machine learning?', 'definition'],
    ['Define entropy', 'definition'],
    ["what's a reranker", 'definition'],
    ['如何学习Python编程?', 'howto'],
    ['怎么重启服务', 'howto'],
    ['排序方法', 'howto'],
    ['How to restart a worker', 'howto'],
    ['how do I restart a worker', 'howto'],
    ['为什么天空是蓝色的', 'why'],
    ['崩溃的原因', 'why'],
    ['WHY is the sky blue', 'why'],
    ['the reason for the outage', 'why'],
    ['redis stream length', 'general'],
    ['', 'general'],
  ])('%s asks for %s', (query, type) => {
    expect(classifyQuery(query)).toBe(type);
  });

  test('"why" is looked up before "definition", whose word it contains in Chinese', () => {
    expect(classifyQuery('为什么')).toBe('why');
  });

  test('English words count only when they stand alone', () => {
    expect(classifyQuery('undefined is not a function')).toBe('general');
    expect(classifyQuery('show today')).toBe('general');
  });

  test('only the beginning of a very long query is read', () => {
    expect(classifyQuery(`${'x '.repeat(400)}why`)).toBe('general');
  });
});
