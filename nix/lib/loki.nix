# Loki's settings as monitoring/loki/loki.yml has them for containers, with the places of a NixOS machine; builtins only,
# so that a test compares the two.
{
  listenAddress ? "0.0.0.0",
  port,
  storage ? "/loki",
  retentionHours ? 744,
}:
{
  auth_enabled = false;
  analytics.reporting_enabled = false;
  server = {
    http_listen_address = listenAddress;
    http_listen_port = port;
    log_level = "warn";
  };
  common = {
    instance_addr = "127.0.0.1";
    path_prefix = storage;
    replication_factor = 1;
    ring.kvstore.store = "inmemory";
    storage.filesystem = {
      chunks_directory = "${storage}/chunks";
      rules_directory = "${storage}/rules";
    };
  };
  schema_config.configs = [
    {
      from = "2024-01-01";
      store = "tsdb";
      object_store = "filesystem";
      schema = "v13";
      index = {
        prefix = "index_";
        period = "24h";
      };
    }
  ];
  limits_config = {
    max_entries_limit_per_query = 5000;
    ingestion_rate_mb = 8;
    ingestion_burst_size_mb = 16;
    retention_period = "${toString retentionHours}h";
    reject_old_samples = true;
    reject_old_samples_max_age = "168h";
    max_label_names_per_series = 8;
    discover_log_levels = false;
  };
  compactor = {
    working_directory = "${storage}/compactor";
    retention_enabled = true;
    delete_request_store = "filesystem";
  };
}
