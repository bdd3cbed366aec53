# The tests of each distribution of ours, with the servers they start themselves; browsers and whole stacks are left to
# the virtual machines.
{
  lib,
  pkgs,
  platform,
}:
let
  source = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../stack.toml
      ../pyproject.toml
      ../python
      ../monitoring
      ../modules
      ../nix
      ../docs
      ../checks
      ../omero-platform
    ];
  };

  testsOf =
    name:
    pkgs.runCommand "tests-of-${name}"
      {
        nativeBuildInputs = [
          platform.pythonEnv
          pkgs.postgresql_16
          pkgs.redis
          pkgs.prometheus.cli
          pkgs.util-linux
          pkgs.nix
        ];
        env.HOME = "/build/home";
      }
      ''
        mkdir -p $HOME
        cp -r ${source} source && chmod -R u+w source && cd source
        python -m pytest python/${name}/tests -q -m "not stack and not browser and not soak" -p no:cacheprovider
        touch $out
      '';
in
lib.mapAttrs' (name: _: lib.nameValuePair "tests-${name}" (testsOf name)) (
  lib.filterAttrs (name: _: builtins.pathExists ../python/${name}/tests) (
    import ../nix/python/ours.nix
  )
)
