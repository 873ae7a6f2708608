import { type Choice, type DashboardFacts, type Section, choices, instanceChoice } from './dashboard';
import { highestBy, rateBy, rateSum, selected, window } from './expressions';
import { badFrom, goodBelow, graph, timeline } from './panels';

const instances = instanceChoice('Process', 'up{job=~"reranker-.+"}');

const machines: Choice = {
  name: 'host',
  label: 'Machine',
  query: 'label_values(up{job="node"}, instance)',
};

const upTexts = { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } };

const targets: Section = {
  title: 'Is everything up?',
  height: 9,
  panels: [
    timeline(
      {
        title: 'Scrape targets',
        description:
          'Which processes Prometheus can scrape. Red: the process died, hangs or cannot be reached, and its values below are out of date.',
        unit: 'none',
        width: 24,
        texts: upTexts,
        runbook: 'RerankerTargetDown',
      },
      { expr: 'up', legend: '{{job}} {{instance}}' },
    ),
  ],
};

/** Devices of the chosen model's workers. `max` counts a device once although several workers report it. */
const device = (metric: string) =>
  `max by (uuid) (${metric}{${selected.instance}} and on (instance) reranker_model_info{${selected.model}})`;
const noGpu = 'no GPU';

const gpus: Section = {
  title: 'GPU (empty on machines without one)',
  panels: [
    graph(
      {
        title: 'GPU memory',
        description:
          'Share of its memory that each device uses, as its workers report it. From 90 %, the next large batch may not fit: check which other processes use the device.',
        unit: 'percentunit',
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
          'Share of the time in which at least one kernel ran. It does not measure efficiency: compare it with the batch fill. A low value with a backlog means that batches do not reach the device.',
        unit: 'percent',
        max: 100,
        noValue: noGpu,
      },
      { expr: device('reranker_gpu_utilization_percent'), legend: '{{uuid}}' },
    ),
    graph(
      {
        title: 'GPU temperature',
        description: 'Above 85 degrees a device throttles itself: check its cooling and the neighbouring devices.',
        unit: 'celsius',
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
          'Errors that the driver reported in the last ten minutes. Any error means that the device or its driver is faulty: the kernel log has the number.',
        decimals: 0,
        thresholds: badFrom(1),
        noValue: noGpu,
        runbook: 'RerankerGpuXid',
      },
      highestBy('uuid', `increase(reranker_gpu_xid_errors_total{${selected.instance}}[10m])`),
      { expr: 'max by (UUID) (changes(DCGM_FI_DEV_XID_ERRORS[10m]))', legend: '{{UUID}} (DCGM)' },
    ),
    graph(
      {
        title: 'GPU memory (DCGM)',
        description: "The same share as reported by NVIDIA's exporter, also for devices that no worker uses.",
        unit: 'percentunit',
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
          "The same share as reported by NVIDIA's exporter. If a device is busy without load on the fleet, another process uses it.",
        unit: 'percent',
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
  panels: [
    graph(
      {
        title: 'CPU of the machine',
        description:
          'Share of all cores that was busy. Near 100 % is normal for a CPU worker under load, but not for a gateway.',
        unit: 'percentunit',
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
          'Average number of processes that ran or waited to run in the last minute, per core. Well above 1, processes wait for a core: use fewer sessions or more cores.',
        unit: 'none',
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
          'Share of the memory that is not available to programs. Near 100 % the kernel kills processes, often a worker.',
        unit: 'percentunit',
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
          'Used share of each file system. When a file system is full, Redis cannot save and models cannot be loaded.',
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
        description:
          'Bytes per second that each machine receives and sends. A flat maximum means that the network is saturated.',
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
  panels: [
    graph(
      {
        title: 'Memory against the limit',
        description:
          'Memory of each control group. The dashed line is its limit, if one is set: the kernel kills processes that exceed it. Close to the limit, raise the limit or lower the token budget.',
        unit: 'bytes',
        width: 12,
      },
      highestBy('job, instance', `reranker_container_memory_usage_bytes{${selected.instance}}`),
      highestBy('job, instance', `reranker_container_memory_limit_bytes{${selected.instance}}`, 'limit '),
    ),
    graph(
      {
        title: 'CPU against the limit',
        description:
          'Cores that each control group uses. The dashed line is its limit, if one is set. At the limit the kernel pauses the processes repeatedly, and latency rises in steps.',
        unit: 'suffix: cores',
        width: 12,
      },
      highestBy('job, instance', `rate(reranker_container_cpu_seconds_total{${selected.instance}}[${window}])`),
      highestBy('job, instance', `reranker_container_cpu_limit_cores{${selected.instance}}`, 'limit '),
    ),
  ],
};

const ours = `job=~"reranker-.+",${selected.instance}`;

const processes: Section = {
  title: 'Processes',
  panels: [
    graph(
      {
        title: 'Memory of the process',
        description:
          'Resident memory of each process. A worker holds its model in memory. Growth that never falls is a leak.',
        unit: 'bytes',
        width: 6,
      },
      highestBy('job, instance', `process_resident_memory_bytes{${ours}}`),
    ),
    graph(
      {
        title: 'CPU of the process',
        description:
          'Cores that each process uses. Under load, a worker uses one core per session; other processes use well below one core.',
        unit: 'suffix: cores',
        width: 6,
      },
      rateBy('job, instance', `process_cpu_seconds_total{${ours}}`),
    ),
    graph(
      {
        title: 'Open files',
        description:
          'Open files and sockets of each process, as a share of its limit. A steady rise is a leak. At 100 % the process accepts no connections.',
        unit: 'percentunit',
        width: 6,
        thresholds: goodBelow(0.7, 0.9),
      },
      highestBy('job, instance', `process_open_fds{${ours}} / process_max_fds{${ours}}`),
    ),
    graph(
      {
        title: 'Event loop lag, p99',
        description: 'Delay of the event loop of each process. Above half a second, locks and heartbeats may expire.',
        unit: 's',
        width: 6,
        thresholds: badFrom(0.5),
        runbook: 'RerankerEventLoopBlocked',
      },
      highestBy('job, instance', `nodejs_eventloop_lag_p99_seconds{${ours}}`),
    ),
  ],
};

/** Machines, GPUs, containers and processes. */
export const hosts: DashboardFacts = {
  uid: 'reranker-hosts',
  title: 'Reranker: GPU and hosts',
  description: 'Is everything up, and do the machines, devices and processes have capacity left?',
  choices: [choices.model, instances, machines],
  sections: [targets, gpus, hostSection, containers, processes],
};
