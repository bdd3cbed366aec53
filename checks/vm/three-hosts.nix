# The platform on three machines, as in docs/examples/three-hosts.nix, with addresses and secrets of the test.
{ lib, ... }:
let
  names = [
    "database"
    "database-plugin"
    "monitoring"
    "redis"
    "root"
    "job-service"
    "hash"
    "django"
    "grafana-admin"
    "grafana-key"
  ];

  allRoles = (import ../../nix/lib/roles.nix { }).names;

  machine =
    roles:
    { nodes, config, ... }:
    {
      networking.firewall.enable = true;
      systemd.tmpfiles.rules = [
        "d /run/secrets/omero 0700 root root"
      ]
      ++ map (name: "f /run/secrets/omero/${name} 0600 root root - not-a-secret-${name}") names
      ++ [
        "f /run/secrets/omero/plugin-keys 0600 root root - MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
      ];
      environment.etc."client.py".source = ./client.py;
      environment.systemPackages = [ config.services.omero-platform.packages.platformEnv ];
      services.omero-platform = {
        enable = true;
        hosts = {
          databases = nodes.data.networking.primaryIPAddress;
          server = nodes.data.networking.primaryIPAddress;
          web = nodes.web.networking.primaryIPAddress;
          worker = nodes.web.networking.primaryIPAddress;
          monitoring = nodes.watch.networking.primaryIPAddress;
        };
        roles = lib.genAttrs allRoles (role: {
          enable = lib.elem role roles;
        });
        firewall = {
          open = true;
          peers = map (name: nodes.${name}.networking.primaryIPAddress) [
            "data"
            "web"
            "watch"
          ];
        };
        secrets = {
          generate = false;
          directory = "/run/secrets/omero";
        };
      };
    };
in
{
  name = "omero-platform-three-hosts";
  nodes = {
    data = machine [
      "databases"
      "server"
    ];
    web = machine [
      "web"
      "worker"
    ];
    watch = machine [ "monitoring" ];
    stranger = { };
  };

  testScript = ''
    start_all()
    data.wait_for_unit("omero-server-setup.service")
    web.wait_until_succeeds("curl -sf http://127.0.0.1:4090/webgateway/", timeout=600)

    with subtest("a person logs in on the web machine, and the data machine has what they wrote"):
        page = web.succeed("python -W ignore /etc/client.py web http://127.0.0.1:4090 /run/secrets/omero/root")
        assert "logout" in page.lower()
        web.succeed("python -W ignore /etc/client.py annotate data /run/secrets/omero/root first-day heat-shock")
        assert "heat-shock" in data.succeed(
            "python -W ignore /etc/client.py read 127.0.0.1 /run/secrets/omero/root first-day"
        )

    with subtest("every machine is watched"):
        watch.wait_for_unit("prometheus.service")
        watch.wait_until_succeeds(
            "curl -sfG http://127.0.0.1:9090/api/v1/query --data-urlencode 'query=count(up{job=\"node_exporter\"} == 1)'"
            " | grep '\"3\"'"
        )

    with subtest("each machine runs only its part"):
        web.fail("systemctl cat omero-database-omero.service")
        data.fail("systemctl cat omero-web.service")
        watch.fail("systemctl cat omero-worker.service")

    with subtest("a machine outside the platform reaches only what is public"):
        stranger.succeed("nc -z -w 5 data 4064")
        for port in (5432, 5433, 6379, 9100):
            web.succeed(f"nc -z -w 5 data {port}")
            stranger.fail(f"nc -z -w 5 data {port}")
  '';
}
