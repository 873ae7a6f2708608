import { type Choice, type DashboardFacts, type Section, instanceChoice } from './dashboard';
import { bucketsOfRange, bucketsOverTime, mean, rateSum, selected, share } from './expressions';
import { columns, dial, distribution, figure, goodBelow, goodFrom, graph, heat } from './panels';
import { answered, ranking } from './traffic-slo';

const requests = `reranker_requests_total{${ranking}}`;
const scored = rateSum(`reranker_score_distribution_count{${selected.model}}`);

/** Requests per second from which more capacity is needed. */
const requestsMax = 80;
const noTraffic = { nan: { text: '暂无请求' } };

/** Growth per second in the last five minutes, the fixed window of this dashboard. */
const recent = (series: string) => `sum(rate(${series}[5m]))`;

const panels: Section = {
  panels: [
    figure(
      {
        title: '请求统计',
        description: '最近 5 分钟每秒的重排序请求数。应当平稳；突然下降多半是故障，超过 80 需要扩容。',
        unit: 'reqps',
        width: 6,
        decimals: 2,
        thresholds: [
          { value: null, color: 'green' },
          { value: requestsMax, color: 'red' },
        ],
      },
      { expr: recent(requests), legend: '请求/秒' },
    ),
    figure(
      {
        title: '平均响应时间',
        description:
          '最近 5 分钟一次请求从到达到答复的平均时间。超过 1 秒要留意，超过 3 秒会告警：先比较排队时间与推理时间。',
        unit: 's',
        width: 6,
        decimals: 3,
        thresholds: goodBelow(1, 3),
        texts: noTraffic,
        runbook: 'RerankerResponseSlow',
      },
      {
        expr: `${recent(`reranker_request_duration_seconds_sum{${ranking}}`)} / ${recent(`reranker_request_duration_seconds_count{${ranking}}`)}`,
        legend: '平均',
      },
    ),
    figure(
      {
        title: '错误率',
        description: '最近 5 分钟返回 5xx 的请求占全部请求的比例，没有错误时为 0。超过 1% 要查看，超过 5% 会告警。',
        unit: 'percentunit',
        width: 6,
        decimals: 2,
        thresholds: goodBelow(0.01, 0.05),
        runbook: 'RerankerErrorRateHigh',
      },
      { expr: share(recent(`reranker_requests_total{${ranking},code=~"5.."}`), recent(requests)), legend: '错误率' },
    ),
    dial(
      {
        title: 'GPU内存使用',
        description:
          '每块显卡已用显存占其自身总显存的比例。超过 75% 要留意，超过 87.5% 时大批次可能放不下；没有显卡时为空。',
        unit: 'percentunit',
        width: 6,
        min: 0,
        max: 1,
        // 12 and 14 of 16 GB
        thresholds: goodBelow(0.75, 0.875),
        noValue: '没有GPU',
        runbook: 'RerankerGpuMemoryHigh',
      },
      {
        expr: 'max by (uuid) (reranker_gpu_memory_usage_bytes) / max by (uuid) (reranker_gpu_memory_total_bytes)',
        legend: '{{uuid}}',
      },
    ),
    heat(
      {
        title: '请求耗时分布',
        description: '每个时间段里请求耗时落在各区间的次数，颜色越深越多。色带整体上移说明在排队或推理变慢。',
        unit: 's',
        width: 12,
      },
      bucketsOverTime('reranker_request_duration_seconds', ranking),
    ),
    distribution(
      {
        title: '相关性分数分布',
        description: '所选时间内各分数区间的文档数。多数在 0.5 到 1 之间为好；分布突然改变时请检查模型与数据。',
        width: 12,
        runbook: 'RerankerScoreDrift',
      },
      bucketsOfRange('reranker_score_distribution', selected.model),
    ),
    graph(
      {
        title: '请求趋势',
        description: '每秒请求数与其中得到排序结果的部分。两条线分开说明有请求被拒绝或失败。',
        unit: 'reqps',
        width: 12,
      },
      { expr: rateSum(requests), legend: '全部请求' },
      { expr: rateSum(`reranker_requests_total{${answered}}`), legend: '成功请求' },
    ),
    graph(
      {
        title: '模型推理时间',
        description: '一次模型运行（一个批次）的平均时间。突然上升说明文档变长、批次变大或机器变慢。',
        unit: 's',
        width: 12,
      },
      { expr: mean('reranker_inference_duration_seconds', selected.model), legend: '平均推理时间' },
    ),
    columns(
      {
        title: '错误类型分布',
        description: '所选时间内各类错误答复的次数，包括调用方自己的错误。internal 是服务自身的问题，请看日志。',
        width: 12,
        field: 'error_type',
        runbook: 'RerankerErrorRateHigh',
      },
      {
        expr: `sum by (error_type) (increase(reranker_errors_total{${selected.instance}}[$__range]))`,
        legend: '{{error_type}}',
      },
    ),
    dial(
      {
        title: '高分比例(>=0.8)',
        description: '得分不低于 0.8 的文档占全部已打分文档的比例。低于 0.3 说明候选文档或模型有问题，高于 0.6 为好。',
        unit: 'percentunit',
        width: 12,
        min: 0,
        max: 1,
        decimals: 1,
        thresholds: goodFrom(0.3, 0.6),
        texts: noTraffic,
        runbook: 'RerankerScoreDrift',
      },
      { expr: `${rateSum(`reranker_high_scores_total{${selected.model}}`)} / ${scored}`, legend: '高分比例' },
    ),
  ],
};

const model: Choice = { name: 'model', label: '模型', query: 'label_values(reranker_model_info, model)' };
const gateways = instanceChoice('网关', 'up{job="reranker-gateway"}');

/** The ten panels of the project's first dashboard, with corrected queries. */
export const article: DashboardFacts = {
  uid: 'reranker-article',
  title: 'Qwen3-Reranker监控看板',
  description: '十个面板看清重排序服务：请求、耗时、错误、显存、分数与推理时间。',
  choices: [model, gateways],
  from: 'now-6h',
  sections: [panels],
  words: {
    datasource: '数据源',
    others: '其他看板',
    started: '进程启动',
    newModel: '新模型或新版本',
    alert: '告警触发',
  },
};
