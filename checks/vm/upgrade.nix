# A machine goes from an earlier configuration to this one: another time zone, new passwords, another folder of the
# backups. Data and accounts stay.
_: {
  name = "omero-platform-upgrade";

  nodes.machine =
    { config, lib, ... }:
    {
      services.omero-platform = {
        enable = true;
        monitoring.enable = false;
        timeZone = lib.mkDefault "Europe/Lisbon";
      };
      environment.etc."client.py".source = ./client.py;
      environment.systemPackages = [ config.services.omero-platform.packages.platformEnv ];
      specialisation.next.configuration.services.omero-platform = {
        timeZone = "Europe/Zurich";
        backup.enable = true;
        web.workers = 3;
      };
    };

  testScript = ''
    client = "python -W ignore /etc/client.py"
    root = "/var/lib/omero-platform/secrets/root"
    machine.wait_for_unit("omero-server-setup.service")
    machine.succeed(f"{client} annotate 127.0.0.1 {root} first-day heat-shock")

    with subtest("the database's password changes with its file"):
        machine.succeed("echo a-new-one > /var/lib/omero-platform/secrets/database-plugin")

    machine.succeed("/run/current-system/specialisation/next/bin/switch-to-configuration test")
    machine.succeed("systemctl restart omero-database-plugin omero-web omero-worker")
    machine.wait_until_succeeds("curl -sf http://127.0.0.1:4090/webgateway/", timeout=600)
    machine.wait_until_succeeds(f"{client} read 127.0.0.1 {root} first-day | grep heat-shock", timeout=600)
    machine.succeed("systemctl start omero-backup.service omero-backup-verify.service")
    machine.succeed("systemctl show omero-database-omero -p ExecStart | grep Europe/Zurich")
  '';
}
