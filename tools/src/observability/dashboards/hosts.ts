import { type Choice, type DashboardFacts, type Section, choices, englishWords } from './dashboard';
import { rateSum, selected, window } from './expressions';
import { badFrom, goodBelow, graph, timeline } from './panels';

const instances: Choice = {
  name: 'instance',
  label: 'Process',
  query: 'label_values(up{job=~"reranker-.+"}, instance)',
};

const machines: Choice = {
  name: 'host',
  label: 'Machine',
  query: 'label_values(up{job="node"}, instance)',
};

const upTexts = { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } };

const targets: Section = {
  title: 'Is everything there?',
  height: 9,
  panels: [
    timeline(
      {
        title: 'Scrape targets',
        description:
          'What Prometheus reaches. Red: the process died, hangs or cannot be reached; its figures below are old.',
        unit: 'none',
        width: 24,
        texts: upTexts,
        runbook: 'RerankerTargetDown',
      },
      { expr: 'up', legend: '{{job}} {{instance}}' },
    ),
  ],
};

/** A device is seen by every worker of its machine, so it is counted once; only devices of the chosen model's workers. */
const device = (metric: string) =>
  `max by (uuid) (${metric}{${selected.instance}} and on (instance) reranker_model_info{${selected.model}})`;
const noGpu = 'no GPU';

const gpus: Section = {
  title: 'GPU (empty on machines without one)',
  height: 8,
  panels: [
    graph(
      {
        title: 'GPU memory',
        description:
          'Share of its own memory that each device has in use, as its workers see it. From 90 % on the next large batch may not fit: who else uses it?',
        unit: 'percentunit',
        width: 8,
        max: 1,
        thresholds: goodBelow(0.9, 0.95),
        noValue: noGpu,
        runbook: 'RerankerGpuMemoryHigh',
      },
      {
        expr: `${device('reranker_gpu_memory_usage_bytes')} / ${device('reranker_gpu_memory_total_bytes')}`,
        legend: '{{uuid}}',
      },
    ),
    graph(
      {
        title: 'GPU busy',
        description:
          'Share of the time in which at least one kernel ran. It says busy, not efficient: read it beside the batch fill. Low with a backlog: batches do not reach the device.',
        unit: 'percent',
        width: 8,
        max: 100,
        noValue: noGpu,
      },
      { expr: device('reranker_gpu_utilization_percent'), legend: '{{uuid}}' },
    ),
    graph(
      {
        title: 'GPU temperature',
        description: 'Above 85 degrees a device slows itself down: look at its cooling and its neighbours.',
        unit: 'celsius',
        width: 8,
        thresholds: goodBelow(80, 85),
        noValue: noGpu,
        runbook: 'RerankerGpuHot',
      },
      { expr: device('reranker_gpu_temperature_celsius'), legend: '{{uuid}}' },
    ),
    graph(
      {
        title: 'Xid errors',
        description:
          'Errors that the driver reported in the last ten minutes. Any is a fault of the device or its driver: the kernel log has the number.',
        unit: 'short',
        width: 8,
        decimals: 0,
        thresholds: badFrom(1),
        noValue: noGpu,
        runbook: 'RerankerGpuXid',
      },
      {
        expr: `max by (uuid) (increase(reranker_gpu_xid_errors_total{${selected.instance}}[10m]))`,
        legend: '{{uuid}}',
      },
      { expr: 'max by (UUID) (changes(DCGM_FI_DEV_XID_ERRORS[10m]))', legend: '{{UUID}} (DCGM)' },
    ),
    graph(
      {
        title: 'GPU memory (DCGM)',
        description: "The same share as NVIDIA's own exporter sees it, also for devices that no worker of ours uses.",
        unit: 'percentunit',
        width: 8,
        max: 1,
        thresholds: goodBelow(0.9, 0.95),
        noValue: 'no GPU, or no DCGM exporter',
        runbook: 'RerankerGpuMemoryHigh',
      },
      {
        expr: 'DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE)',
        legend: '{{Hostname}} GPU {{gpu}}',
      },
    ),
    graph(
      {
        title: 'GPU busy (DCGM)',
        description:
          "The same share as NVIDIA's own exporter sees it. A device that is busy without our load has another user.",
        unit: 'percent',
        width: 8,
        max: 100,
        noValue: 'no GPU, or no DCGM exporter',
      },
      { expr: 'DCGM_FI_DEV_GPU_UTIL', legend: '{{Hostname}} GPU {{gpu}}' },
    ),
  ],
};

const node = selected.host;
const realFilesystems = 'fstype!~"tmpfs|ramfs|overlay|squashfs|devtmpfs"';

const hostSection: Section = {
  title: 'Machines',
  height: 8,
  panels: [
    graph(
      {
        title: 'Processor of the machine',
        description:
          'Share of all cores that were busy. Near 100 % on a CPU worker is normal under load; on a gateway it is not.',
        unit: 'percentunit',
        width: 8,
        max: 1,
      },
      {
        expr: `1 - avg by (instance) (rate(node_cpu_seconds_total{${node},mode="idle"}[${window}]))`,
        legend: '{{instance}}',
      },
    ),
    graph(
      {
        title: 'Load',
        description:
          'Processes that run or want to, over one minute, for each core. Well above 1 they stand in line: fewer sessions or more cores.',
        unit: 'none',
        width: 8,
        decimals: 2,
        thresholds: goodBelow(1, 2),
      },
      {
        expr: `max by (instance) (node_load1{${node}}) / count by (instance) (node_cpu_seconds_total{${node},mode="idle"})`,
        legend: '{{instance}}',
      },
    ),
    graph(
      {
        title: 'Memory of the machine',
        description:
          'Share of the memory that cannot be had for something new. Near 100 % the kernel ends processes: often a worker.',
        unit: 'percentunit',
        width: 8,
        max: 1,
        thresholds: goodBelow(0.85, 0.95),
      },
      {
        expr: `1 - node_memory_MemAvailable_bytes{${node}} / node_memory_MemTotal_bytes{${node}}`,
        legend: '{{instance}}',
      },
    ),
    graph(
      {
        title: 'Disk',
        description:
          'Share of each file system that is used. A full one stops Redis from saving and models from being loaded.',
        unit: 'percentunit',
        width: 12,
        max: 1,
        thresholds: goodBelow(0.8, 0.9),
      },
      {
        expr: `1 - node_filesystem_avail_bytes{${node},${realFilesystems}} / node_filesystem_size_bytes{${node},${realFilesystems}}`,
        legend: '{{instance}} {{mountpoint}}',
      },
    ),
    graph(
      {
        title: 'Network',
        description: 'Bytes a second that each machine receives and sends. A flat top is a full line.',
        unit: 'Bps',
        width: 12,
      },
      {
        expr: rateSum(`node_network_receive_bytes_total{${node},device!="lo"}`, 'instance'),
        legend: '{{instance}} in',
      },
      {
        expr: rateSum(`node_network_transmit_bytes_total{${node},device!="lo"}`, 'instance'),
        legend: '{{instance}} out',
      },
    ),
  ],
};

const containers: Section = {
  title: 'Containers',
  height: 8,
  panels: [
    graph(
      {
        title: 'Memory against the limit',
        description:
          'Memory of each control group, and dashed the limit at which it is killed, where one is set. Close to it: a larger limit, or a smaller token budget.',
        unit: 'bytes',
        width: 12,
      },
      {
        expr: `max by (job, instance) (reranker_container_memory_usage_bytes{${selected.instance}})`,
        legend: '{{job}} {{instance}}',
      },
      {
        expr: `max by (job, instance) (reranker_container_memory_limit_bytes{${selected.instance}})`,
        legend: 'limit {{job}} {{instance}}',
      },
    ),
    graph(
      {
        title: 'Processor against the limit',
        description:
          'Cores that each control group uses, and dashed the cores it may use, where that is limited. At the limit the kernel stops it again and again: answers get slow in steps.',
        unit: 'suffix: cores',
        width: 12,
      },
      {
        expr: `max by (job, instance) (rate(reranker_container_cpu_seconds_total{${selected.instance}}[${window}]))`,
        legend: '{{job}} {{instance}}',
      },
      {
        expr: `max by (job, instance) (reranker_container_cpu_limit_cores{${selected.instance}})`,
        legend: 'limit {{job}} {{instance}}',
      },
    ),
  ],
};

const ours = `job=~"reranker-.+",${selected.instance}`;

const processes: Section = {
  title: 'Processes',
  height: 8,
  panels: [
    graph(
      {
        title: 'Memory of the process',
        description: 'Resident memory of each process. A worker holds its model; growth that never falls is a leak.',
        unit: 'bytes',
        width: 6,
      },
      { expr: `max by (job, instance) (process_resident_memory_bytes{${ours}})`, legend: '{{job}} {{instance}}' },
    ),
    graph(
      {
        title: 'Processor of the process',
        description:
          'Cores that each process uses. A worker uses one for each session under load, the others well below one.',
        unit: 'suffix: cores',
        width: 6,
      },
      { expr: rateSum(`process_cpu_seconds_total{${ours}}`, 'job, instance'), legend: '{{job}} {{instance}}' },
    ),
    graph(
      {
        title: 'Open files',
        description:
          'Share of the files and sockets that each process may have open. A steady climb is a leak; at 100 % no connection is taken.',
        unit: 'percentunit',
        width: 6,
        thresholds: goodBelow(0.7, 0.9),
      },
      {
        expr: `max by (job, instance) (process_open_fds{${ours}} / process_max_fds{${ours}})`,
        legend: '{{job}} {{instance}}',
      },
    ),
    graph(
      {
        title: 'Event loop lag, p99',
        description: 'How late each process gets to its work. Above half a second locks and heartbeats are at risk.',
        unit: 's',
        width: 6,
        thresholds: badFrom(0.5),
        runbook: 'RerankerEventLoopBlocked',
      },
      { expr: `max by (job, instance) (nodejs_eventloop_lag_p99_seconds{${ours}})`, legend: '{{job}} {{instance}}' },
    ),
  ],
};

/** Do the machines and their devices hold? */
export const hosts: DashboardFacts = {
  uid: 'reranker-hosts',
  title: 'Reranker: GPU and hosts',
  description: 'Is everything there, and do the machines, devices and processes have room left?',
  choices: [choices.model, instances, machines],
  from: 'now-1h',
  sections: [targets, gpus, hostSection, containers, processes],
  words: englishWords,
};
