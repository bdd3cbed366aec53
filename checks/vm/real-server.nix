# The whole stack with OMERO.server: tables are made, the certificate names the machine, scripts and the job-service
# account are there, and a second start changes nothing.
_:
let
  secrets = "/var/lib/omero-platform/secrets";
in
{
  name = "omero-platform-real-server";

  nodes.machine =
    { config, ... }:
    {
      virtualisation.memorySize = 8192;
      services.omero-platform = {
        enable = true;
        backend = "omero";
        monitoring.enable = false;
      };
      environment.etc."client.py".source = ./client.py;
      environment.systemPackages = [ config.services.omero-platform.packages.platformEnv ];
    };

  testScript = ''
    client = "python -W ignore /etc/client.py"
    root = "${secrets}/root"

    with subtest("OMERO.server comes up and is set up"):
        machine.wait_for_unit("omero-server.service")
        machine.wait_for_open_port(4064, timeout=900)
        machine.wait_for_unit("omero-server-setup.service", timeout=900)

    with subtest("the password that made the tables is gone"):
        machine.fail("test -e /var/lib/omero-platform/server/var/first-password")
        machine.succeed(f"{client} annotate 127.0.0.1 {root} first-day heat-shock")

    with subtest("the certificate names the machine"):
        machine.succeed(
            "openssl s_client -connect 127.0.0.1:4064 </dev/null 2>/dev/null"
            " | openssl x509 -noout -ext subjectAltName | grep omeroserver"
        )

    with subtest("scripts are registered once"):
        as_nobody = "runuser -u nobody -- env OMERO_USERDIR=/tmp/omero"  # omero refuses root
        listing = f"{as_nobody} omero -s 127.0.0.1 -u root -w $(cat {root}) script list"
        assert machine.succeed(f"{listing} | grep -c Figure_To_Pdf.py").strip() == "1"
        machine.succeed("systemctl restart omero-server-setup")
        assert machine.succeed(f"{listing} | grep -c Figure_To_Pdf.py").strip() == "1"

    with subtest("OMERO.web talks to it"):
        machine.wait_until_succeeds("curl -sf http://127.0.0.1:4090/webgateway/", timeout=600)
        assert "logout" in machine.succeed(f"{client} web http://127.0.0.1:4090 {root}").lower()

    with subtest("a restart keeps the data"):
        machine.succeed("systemctl restart omero-server")
        machine.wait_until_succeeds(f"{client} read 127.0.0.1 {root} first-day | grep heat-shock", timeout=900)
  '';
}
