# The module under real NixOS: every set of options of checks/module, and both examples.
{
  lib,
  pkgs,
  nixpkgs,
  self,
  system,
  ...
}:
let
  evaluate =
    module:
    (nixpkgs.lib.nixosSystem {
      inherit system;
      modules = [
        self.nixosModules.default
        module
        {
          boot.loader.grub.enable = false;
          fileSystems."/" = {
            device = "none";
            fsType = "tmpfs";
          };
          security.acme = {
            acceptTerms = true;
            defaults.email = "admin@example.org";
          };
          system.stateVersion = "26.05";
        }
      ];
    }).config;

  result = import ./module { inherit lib evaluate; };

  examples = lib.mapAttrs (_: evaluate) (import ../docs/examples);
  complaints =
    result.complaints
    ++ lib.concatLists (
      lib.mapAttrsToList (
        name: config:
        map (failed: "${name}: ${failed.message}") (lib.filter (one: !one.assertion) config.assertions)
      ) examples
    );

  # The whole system of each machine is evaluated, which finds wrong names and types wherever they are, and not built.
  systems = lib.mapAttrsToList (
    name: config: "${name} ${builtins.unsafeDiscardStringContext config.system.build.toplevel.drvPath}"
  ) examples;
in
pkgs.runCommand "module-evaluation" { } (
  if complaints == [ ] then
    ''
      cat <<'SYSTEMS' > $out
      ${toString (lib.length result.names)} sets of options
      ${lib.concatStringsSep "\n" systems}
      SYSTEMS
    ''
  else
    ''
      cat <<'COMPLAINTS' >&2
      ${lib.concatStringsSep "\n" complaints}
      COMPLAINTS
      exit 1
    ''
)
