# The compose file is one that podman reads, and an image of ours works under podman: an ordinary account, a read-only
# tree, its own health check. Published images are not in a test without network, so PostgreSQL is the machine's.
_: {
  name = "omero-platform-compose";

  nodes.machine =
    { pkgs, platform, ... }:
    let
      image = platform.images.embedded-image;
    in
    {
      virtualisation = {
        podman.enable = true;
        additionalPaths = [ image.copyToPodman ];
      };
      services.postgresql = {
        enable = true;
        package = pkgs.postgresql_16;
        enableTCPIP = true;
        ensureDatabases = [ "omero" ];
        ensureUsers = [
          {
            name = "omero";
            ensureDBOwnership = true;
          }
        ];
        authentication = "host all all 127.0.0.1/32 trust";
      };
      environment.etc = {
        compose.source = platform.compose;
        load-image.source = "${image.copyToPodman}/bin/copy-to-podman";
      };
      environment.systemPackages = [ pkgs.podman-compose ];
    };

  testScript = ''
    machine.wait_for_unit("postgresql.target")

    with subtest("podman reads the compose file"):
        machine.succeed(
            "cd /etc/compose && podman-compose --env-file installation_paths.env config | grep -F omero-platform/omeroweb"
        )

    with subtest("an image of ours runs as an ordinary account and serves the OMERO API"):
        machine.succeed("/etc/load-image")
        told = {
            "OMEROHOST": "127.0.0.1", "OMERO_PORT": "4064", "OMERO_TCP_PORT": "4063", "OMERO_DB_HOST": "127.0.0.1",
            "OMERO_DB_PORT": "5432", "OMERO_DB_NAME": "omero", "OMERO_DB_USER": "omero", "OMERO_DB_PASS": "any",
            "ROOTPASS": "not-a-secret", "OMERO_JOB_SERVICE_PASS": "not-a-secret-either",
        }
        variables = " ".join(f"-e {name}={value}" for name, value in told.items())
        machine.succeed(
            "podman run --detach --name omero --network host --security-opt no-new-privileges --read-only"
            f" --tmpfs /tmp --volume pixels:/OMERO {variables} omero-platform/embedded:latest"
        )
        machine.wait_for_open_port(4064, timeout=300)
        machine.wait_until_succeeds("podman healthcheck run omero", timeout=300)
        assert machine.succeed("podman exec omero id -u").strip() == "1000"
  '';
}
