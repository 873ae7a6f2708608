/**
 * Metrics of other programs that rules and dashboards use, by the program that exports them. A test starts the programs
 * that Debian packages and checks them. DCGM needs a GPU: its names come from the documentation of dcgm-exporter
 * (default counters).
 */
export const exporterMetricsByProgram = {
  'prom-client': [
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_heap_size_used_bytes',
    'nodejs_version_info',
    'process_cpu_seconds_total',
    'process_open_fds',
    'process_max_fds',
    'process_resident_memory_bytes',
    'process_start_time_seconds',
  ],
  prometheus: [
    'up',
    'ALERTS',
    'prometheus_notifications_dropped_total',
    'prometheus_rule_evaluation_failures_total',
    'prometheus_tsdb_head_series',
    'scrape_duration_seconds',
  ],
  alertmanager: ['alertmanager_notifications_failed_total', 'alertmanager_notifications_total'],
  'node-exporter': [
    'node_cpu_seconds_total',
    'node_filesystem_avail_bytes',
    'node_filesystem_size_bytes',
    'node_load1',
    'node_memory_MemAvailable_bytes',
    'node_memory_MemTotal_bytes',
    'node_network_receive_bytes_total',
    'node_network_transmit_bytes_total',
  ],
  'redis-exporter': [
    'redis_commands_processed_total',
    'redis_connected_clients',
    'redis_evicted_keys_total',
    'redis_instance_info',
    'redis_memory_max_bytes',
    'redis_memory_used_bytes',
    'redis_up',
  ],
  dcgm: [
    'DCGM_FI_DEV_FB_FREE',
    'DCGM_FI_DEV_FB_USED',
    'DCGM_FI_DEV_GPU_TEMP',
    'DCGM_FI_DEV_GPU_UTIL',
    'DCGM_FI_DEV_XID_ERRORS',
  ],
} as const satisfies Record<string, readonly string[]>;

/** The names of all programs. */
export const exporterMetrics: ReadonlySet<string> = new Set(Object.values(exporterMetricsByProgram).flat());
