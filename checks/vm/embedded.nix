# The whole stack with the embedded OMERO on one machine: a person logs in and writes, upkeep and backups run, an alert
# fires, and a restart keeps everything.
_:
let
  secrets = "/var/lib/omero-platform/secrets";
in
{
  name = "omero-platform-embedded";

  nodes.machine =
    { config, ... }:
    {
      services.omero-platform = {
        enable = true;
        backup.enable = true;
      };
      environment.etc."client.py".source = ./client.py;
      environment.systemPackages = [ config.services.omero-platform.packages.platformEnv ];
    };

  testScript = ''
    import json

    units = ["omero-database-omero", "omero-database-plugin", "redis-omero", "omero-server", "omero-server-setup",
             "omero-web", "omero-worker", "omero-caretaker", "prometheus", "omero-alertmanager", "grafana", "loki", "alloy"]
    client = "python -W ignore /etc/client.py"
    root = "${secrets}/root"

    def prometheus(query):
        answer = machine.succeed(f"curl -sfG http://127.0.0.1:9090/api/v1/query --data-urlencode 'query={query}'")
        return json.loads(answer)["data"]["result"]

    with subtest("every part comes up"):
        for unit in units:
            machine.wait_for_unit(f"{unit}.service")
        machine.wait_for_open_port(4064)
        machine.wait_until_succeeds("curl -sf http://127.0.0.1:4090/webgateway/")

    with subtest("secrets are root's, and no unit has one in its environment"):
        machine.succeed("test $(stat -c %a ${secrets}/root) = 600")
        machine.fail("systemctl show omero-web omero-server -p Environment | grep -F $(cat ${secrets}/root)")

    with subtest("a person logs in and writes key-value pairs"):
        assert "logout" in machine.succeed(f"{client} web http://127.0.0.1:4090 {root}").lower()
        machine.succeed(f"{client} annotate 127.0.0.1 {root} first-day heat-shock")
        assert "heat-shock" in machine.succeed(f"{client} read 127.0.0.1 {root} first-day")

    with subtest("the plugins' pages answer"):
        machine.succeed("curl -sf http://127.0.0.1:4090/omero_plugin_common/metrics")

    with subtest("every target that is scraped is up"):
        machine.wait_until_succeeds("curl -sf http://127.0.0.1:9090/-/ready")
        machine.wait_until_succeeds(
            "curl -sfG http://127.0.0.1:9090/api/v1/query --data-urlencode 'query=count(up == 0)' | grep '\"result\":\\[\\]'"
        )

    with subtest("the caretaker finds every service well"):
        machine.wait_until_succeeds(
            "curl -sf http://127.0.0.1:9095/metrics | grep 'omero_service_up{service=\"worker\"} 1'"
        )
        machine.wait_until_fails("curl -sf http://127.0.0.1:9095/metrics | grep 'omero_service_up{.*} 0'")

    with subtest("upkeep and backups run and tell when"):
        for task in ("omero-vacuum-analyze", "omero-reindex", "omero-backup", "omero-backup-verify"):
            machine.succeed(f"systemctl start {task}.service")
        machine.succeed("test -s /var/lib/omero-platform/backups/*/database.dump")
        machine.wait_until_succeeds(
            "curl -s http://127.0.0.1:9100/metrics | grep 'omero_care_last_run_ok{task=\"backup\"} 1'"
        )
        machine.succeed("systemctl list-timers --all | grep omero-vacuum-analyze")

    with subtest("an alert fires when Redis is gone, and ends when it is back"):
        machine.succeed("systemctl stop redis-omero")
        machine.wait_until_succeeds("curl -s http://127.0.0.1:9090/api/v1/alerts | grep RedisDown", timeout=600)
        machine.succeed("systemctl start redis-omero")

    with subtest("the kernel is set for Redis"):
        assert machine.succeed("sysctl -n vm.overcommit_memory").strip() == "1"

    with subtest("a restart keeps data and secrets"):
        before = machine.succeed(f"sha256sum {root}")
        machine.shutdown()
        machine.start()
        machine.wait_for_unit("omero-server-setup.service")
        assert machine.succeed(f"sha256sum {root}") == before
        assert "heat-shock" in machine.succeed(f"{client} read 127.0.0.1 {root} first-day")
        machine.wait_until_succeeds("curl -sf http://127.0.0.1:4090/webgateway/")

    with subtest("units are confined"):
        for unit in ("omero-web", "omero-worker", "omero-caretaker", "omero-server", "omero-database-omero"):
            score = float(machine.succeed(f"systemd-analyze security --no-pager {unit} | tail -1").split()[-3])
            assert score < 4, f"{unit}: {score}"
  '';
}
