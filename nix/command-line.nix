# `nix run . -- up`: the command line of the plain install, with every program it looks for from nixpkgs.
{
  lib,
  writeShellApplication,
  pythonEnv,
  postgresql_16,
  redis,
  prometheus,
  prometheus-alertmanager,
  prometheus-blackbox-exporter,
  prometheus-node-exporter,
  prometheus-postgres-exporter,
  prometheus-redis-exporter,
  util-linux,
  runCommand,
  chromium,
  chromedriver,
  nix,
}:
let
  # The names that Debian gives these programs, which the command line looks for.
  asOnDebian = runCommand "programs-by-debian-name" { } ''
    mkdir -p $out/bin
    ln -s ${lib.getExe prometheus} $out/bin/prometheus
    ln -s ${lib.getExe prometheus-alertmanager} $out/bin/prometheus-alertmanager
    ln -s ${prometheus-blackbox-exporter}/bin/blackbox_exporter $out/bin/prometheus-blackbox-exporter
    ln -s ${prometheus-node-exporter}/bin/node_exporter $out/bin/prometheus-node-exporter
    ln -s ${prometheus-postgres-exporter}/bin/postgres_exporter $out/bin/prometheus-postgres-exporter
    ln -s ${prometheus-redis-exporter}/bin/redis_exporter $out/bin/prometheus-redis-exporter
  '';
  programs = [
    asOnDebian
    postgresql_16
    redis
    prometheus.cli
    util-linux
  ];
  testPrograms = [
    chromium
    chromedriver
    nix
  ];

  # From a checkout its own code runs, so that a change shows at once; elsewhere the code of this flake.
  application =
    name: inputs: arguments:
    writeShellApplication {
      inherit name;
      runtimeInputs = inputs;
      text = ''
        if [ -e stack.toml ] && [ -d python ]; then
          OMERO_PLATFORM_ROOT=$PWD
        else
          OMERO_PLATFORM_ROOT=${../.}
        fi
        for source in "$OMERO_PLATFORM_ROOT"/python/*/src; do PYTHONPATH=''${PYTHONPATH:+$PYTHONPATH:}$source; done
        export OMERO_PLATFORM_ROOT PYTHONPATH PYTHONNOUSERSITE=1
        exec ${pythonEnv}/bin/python -P -m omero_platform ${arguments} "$@"
      '';
    };
in
{
  default = application "omero-platform" programs "";
  up = application "omero-platform-up" programs "up";
  test = application "omero-platform-test" (programs ++ testPrograms) "test";
}
