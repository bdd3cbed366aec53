"""The five dashboards: host and services, both databases, Redis, plugins and jobs."""

from __future__ import annotations

from omero_platform.monitoring.panels import LOKI, Dashboard, Panel, Query, chart, stat, table

REAL_DISK = 'fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660"'
REAL_DEVICE = 'device!~"loop.*|dm-.*|zram.*"'
CONTAINER = "container_label_com_docker_compose_service"

INFRASTRUCTURE = Dashboard(
    "omero-infrastructure",
    "Server infrastructure",
    "server-infrastructure",
    (
        (
            "Now",
            (
                stat(
                    "Processors",
                    '1 - avg(rate(node_cpu_seconds_total{mode="idle"}[5m]))',
                    unit="percentunit",
                    limits=(0.8, 0.95),
                ),
                stat("Memory", "instance:node_memory_used:ratio", unit="percentunit", limits=(0.85, 0.93)),
                stat(
                    "Root disk",
                    '1 - node_filesystem_avail_bytes{mountpoint="/"} / node_filesystem_size_bytes{mountpoint="/"}',
                    unit="percentunit",
                    limits=(0.8, 0.9),
                ),
                stat(
                    "Swap",
                    "1 - node_memory_SwapFree_bytes / (node_memory_SwapTotal_bytes > 0)",
                    unit="percentunit",
                    limits=(0.5, 0.8),
                ),
                stat("Targets up", "sum(up)"),
                stat("Targets down", "count(up == 0) or vector(0)", limits=(1, 1)),
                stat(
                    "Disk of images",
                    'omero_path_used_ratio{kind="omero_data"}',
                    unit="percentunit",
                    limits=(0.8, 0.9),
                ),
                stat(
                    "Disk of the OMERO database",
                    'omero_path_used_ratio{kind="database_main"}',
                    unit="percentunit",
                    limits=(0.8, 0.9),
                ),
                stat(
                    "Disk of the plugin database",
                    'omero_path_used_ratio{kind="database_plugin"}',
                    unit="percentunit",
                    limits=(0.8, 0.9),
                ),
                stat(
                    "Newest backup",
                    'time() - omero_care_last_success_timestamp_seconds{task="backup"}',
                    unit="s",
                    limits=(93600, 172800),
                ),
                stat(
                    "Last VACUUM",
                    'time() - omero_care_last_success_timestamp_seconds{task="vacuum_analyze"}',
                    unit="s",
                    limits=(691200, 1209600),
                ),
                stat(
                    "Alerts",
                    'count(ALERTS{alertstate="firing", alertname!="Watchdog"}) or vector(0)',
                    limits=(1, 5),
                ),
            ),
        ),
        (
            "Server",
            (
                table(
                    "Server",
                    "node_os_info",
                    "node_uname_info",
                    'count(node_cpu_seconds_total{mode="idle"})',
                    "node_memory_MemTotal_bytes",
                    "node_memory_SwapTotal_bytes",
                    "node_boot_time_seconds",
                    width=24,
                ),
                chart("Processors", ("instance:node_cpu_busy:ratio_rate5m", "busy"), unit="percentunit"),
                chart("Memory", ("instance:node_memory_used:ratio", "used"), unit="percentunit"),
                chart(
                    "Disk operations",
                    (
                        f"sum by (device) (rate(node_disk_reads_completed_total{{{REAL_DEVICE}}}[5m]))",
                        "{{device}} read",
                    ),
                    (
                        f"sum by (device) (rate(node_disk_writes_completed_total{{{REAL_DEVICE}}}[5m]))",
                        "{{device}} written",
                    ),
                    unit="iops",
                ),
                chart(
                    "Received",
                    (
                        'sum by (device) (rate(node_network_receive_bytes_total{device!="lo"}[5m]))',
                        "{{device}}",
                    ),
                    unit="Bps",
                ),
                chart(
                    "Sent",
                    (
                        'sum by (device) (rate(node_network_transmit_bytes_total{device!="lo"}[5m]))',
                        "{{device}}",
                    ),
                    unit="Bps",
                ),
                chart(
                    "Free on disk",
                    (f"node_filesystem_avail_bytes{{{REAL_DISK}}}", "{{mountpoint}}"),
                    unit="bytes",
                ),
            ),
        ),
        (
            "Containers",
            (
                chart(
                    "Processors",
                    (
                        f'sum by ({CONTAINER}) (rate(container_cpu_usage_seconds_total{{{CONTAINER}!=""}}[5m]))',
                        f"{{{{{CONTAINER}}}}}",
                    ),
                    width=12,
                    text="From cAdvisor, where containers run.",
                ),
                chart(
                    "Memory",
                    (
                        f'sum by ({CONTAINER}) (container_memory_working_set_bytes{{{CONTAINER}!=""}})',
                        f"{{{{{CONTAINER}}}}}",
                    ),
                    unit="bytes",
                    width=12,
                    text="From cAdvisor, where containers run.",
                ),
            ),
        ),
        (
            "Services",
            (
                table("Health checks", "omero_service_up", "omero_service_check_duration_seconds"),
                table("Targets", "up"),
                table("Probes", "probe_success", "probe_duration_seconds"),
                chart(
                    "Time to answer a probe",
                    ("probe_duration_seconds", "{{service}} {{job}}"),
                    unit="s",
                    width=12,
                ),
            ),
        ),
    ),
)


def database(uid: str, title: str, slug: str, name: str, job: str, service: str) -> Dashboard:
    """The dashboard of one of the two databases."""
    of = f'datname="{name}", job="{job}"'
    hits = f"rate(pg_stat_database_blks_hit{{{of}}}[5m])"
    reads = f"rate(pg_stat_database_blks_read{{{of}}}[5m])"
    commits, rollbacks = (f"rate(pg_stat_database_xact_{end}{{{of}}}[5m])" for end in ("commit", "rollback"))

    def rate(*names: str) -> tuple[tuple[str, str], ...]:
        return tuple((f"rate(pg_stat_database_tup_{name}{{{of}}}[5m])", name) for name in names)

    return Dashboard(
        uid,
        title,
        slug,
        (
            (
                "Now",
                (
                    stat("Connections", f"pg_stat_database_numbackends{{{of}}}", limits=(70, 90)),
                    stat("Size", f"pg_database_size_bytes{{{of}}}", unit="bytes"),
                    stat("Reads from the cache", f"{hits} / ({hits} + {reads})", unit="percentunit", limits=(0.9, 0.99), high_is_good=True),
                    stat("Transactions", f"{commits} + {rollbacks}", unit="ops"),
                    stat("Exporter", f'up{{job="{job}"}}', limits=(1, 1), high_is_good=True),
                    stat("Dead rows", f'omero_database_dead_rows{{service="{service}"}}', limits=(100000, 1000000)),
                ),
            ),
            (
                "Load",
                (
                    chart("Connections", (f"pg_stat_database_numbackends{{{of}}}", "connections"), (f'pg_settings_max_connections{{job="{job}"}}', "limit")),
                    chart("Size", (f"pg_database_size_bytes{{{of}}}", "size"), unit="bytes"),
                    chart("Reads from the cache", (f"{hits} / ({hits} + {reads})", "share"), unit="percentunit"),
                    chart("Transactions", (commits, "committed"), (rollbacks, "rolled back"), unit="ops"),
                    chart("Rows changed", *rate("inserted", "updated", "deleted"), unit="ops"),
                    chart("Rows read", *rate("fetched", "returned"), unit="ops"),
                    chart("Deadlocks", (f"increase(pg_stat_database_deadlocks{{{of}}}[5m])", "deadlocks")),
                    chart("Temporary files", (f"rate(pg_stat_database_temp_bytes{{{of}}}[5m])", "written"), unit="Bps"),
                    chart("Longest transaction", (f"max(pg_stat_activity_max_tx_duration{{{of}}})", "age"), unit="s"),
                    chart("Rows", (f'omero_database_live_rows{{service="{service}"}}', "in use"), (f'omero_database_dead_rows{{service="{service}"}}', "dead")),
                    chart("Maintenance", ('time() - omero_care_last_success_timestamp_seconds{task=~"vacuum_analyze|reindex"}', "{{task}}"), unit="s", text="Time since it last succeeded."),
                    chart("Locks", (f"sum by (mode) (pg_locks_count{{{of}}})", "{{mode}}")),
                ),
            ),
        ),
    )  # fmt: skip


DATABASE = database("database-metrics", "Database", "database", "omero", "postgres_exporter", "database")
PLUGIN_DATABASE = database(
    "plugin-database-metrics",
    "Plugin database",
    "plugin-database",
    "omero-plugin",
    "postgres_exporter_plugin",
    "database_plugin",
)

REDIS = Dashboard(
    "redis-metrics",
    "Redis",
    "redis-metrics",
    (
        (
            "Now",
            (
                stat("Clients", "redis_connected_clients"),
                stat("Memory", "redis_memory_used_bytes", unit="bytes"),
                stat("Of its limit", "redis_memory_used_bytes / (redis_memory_max_bytes > 0)", unit="percentunit", limits=(0.8, 0.95)),
                stat("Commands", "rate(redis_commands_processed_total[5m])", unit="ops"),
                stat("Keys", "sum(redis_db_keys)"),
                stat("Up for", "redis_uptime_in_seconds", unit="s"),
            ),
        ),
        (
            "Load",
            (
                chart("Clients", ("redis_connected_clients", "connected"), ("redis_blocked_clients", "waiting")),
                chart("Memory", ("redis_memory_used_bytes", "used"), ("redis_memory_used_rss_bytes", "held"), ("redis_memory_max_bytes", "limit"), unit="bytes"),
                chart("Commands", ("rate(redis_commands_processed_total[5m])", "commands"), unit="ops"),
                chart("Found in the cache", ("rate(redis_keyspace_hits_total[5m]) / (rate(redis_keyspace_hits_total[5m]) + rate(redis_keyspace_misses_total[5m]))", "share"), unit="percentunit"),
                chart("Keys gone", ("rate(redis_evicted_keys_total[5m])", "thrown away"), ("rate(redis_expired_keys_total[5m])", "expired"), unit="ops"),
                chart("Waiting tasks", ("omero_celery_queue_length", "{{queue}}")),
            ),
        ),
    ),
)  # fmt: skip

PLUGINS = Dashboard(
    "omero-plugins",
    "Plugins and jobs",
    "plugins-and-jobs",
    (
        (
            "Objectives",
            (
                stat("Web answers, last hour", '1 - omero:slo_errors:ratio_rate1h{slo="web_response"}', unit="percentunit", limits=(0.97, 0.99), high_is_good=True),
                stat("Plugins answer, last hour", '1 - omero:slo_errors:ratio_rate1h{slo="plugin_response"}', unit="percentunit", limits=(0.97, 0.99), high_is_good=True),
                stat("Imports succeed, last hour", '1 - omero:slo_errors:ratio_rate1h{slo="import_success"}', unit="percentunit", limits=(0.9, 0.95), high_is_good=True),
                stat("Tasks waiting", "sum(omero_celery_queue_length)", limits=(50, 100)),
                stat("Oldest waiting job", 'max(omero_plugin_jobs_oldest_seconds{state="queued"}) or vector(0)', unit="s", limits=(600, 1800)),
                stat("Taken back from dead workers", "increase(omero_plugin_jobs_taken_back_total[1d])", limits=(1, 4)),
                chart("What went wrong, of what was allowed", ("omero:slo_errors:ratio_rate1h / on (slo) group_left () (1 - omero:slo:objective)", "{{slo}}"), width=24, text="1 uses up the allowance just in time, more uses it up too fast."),
            ),
        ),
        (
            "Jobs",
            (
                chart("Ended", ("sum by (kind, result) (increase(omero_plugin_jobs_total[5m]))", "{{kind}} {{result}}")),
                chart("Not ended", ("sum by (kind, state) (omero_plugin_jobs_open)", "{{kind}} {{state}}")),
                chart("Age of the oldest", ("max by (kind, state) (omero_plugin_jobs_oldest_seconds)", "{{kind}} {{state}}"), unit="s"),
                chart("Time from start to end, 95 %", ("histogram_quantile(0.95, sum by (kind, le) (rate(omero_plugin_job_duration_seconds_bucket[1h])))", "{{kind}}"), unit="s"),
                chart("Retries", ("sum by (kind) (increase(omero_plugin_job_retries_total[5m]))", "{{kind}}")),
                chart("Waiting tasks", ("omero_celery_queue_length", "{{queue}}")),
            ),
        ),
        (
            "Requests",
            (
                chart("Requests", ("plugin:omero_plugin_requests:rate5m", "{{plugin}}"), unit="reqps"),
                chart("Share of errors", ("plugin:omero_plugin_errors:ratio_rate5m", "{{plugin}}"), unit="percentunit"),
                chart("Time to answer, 95 %", ("plugin:omero_plugin_request_duration_seconds:p95_rate5m", "{{plugin}}"), unit="s"),
                chart("Errors in logs", ("sum by (service) (increase(omero_log_errors_total[5m]))", "{{service}}"), width=24),
            ),
        ),
        (
            "Logs",
            (
                Panel("Errors", (Query('{level=~"error|fatal"}'),), kind="logs", width=24, height=10, datasource=LOKI, text="From Loki, where it runs."),
            ),
        ),
    ),
)  # fmt: skip

DASHBOARDS = (INFRASTRUCTURE, DATABASE, PLUGIN_DATABASE, REDIS, PLUGINS)
