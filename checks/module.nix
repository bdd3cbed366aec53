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

  # Evaluating the whole system finds options that do not exist and assertions of nixpkgs' own modules.
  examples = lib.concatLists (
    lib.mapAttrsToList (
      name: module: map (failed: "${name}: ${failed.message}") (lib.filter (one: !one.assertion) (evaluate module).assertions)
    ) (import ../docs/examples)
  );
  complaints = result.complaints ++ examples;
in
pkgs.runCommand "module-evaluation" { } (
  if complaints == [ ] then
    "echo ${toString (lib.length result.names)} sets of options > $out"
  else
    ''
      cat <<'COMPLAINTS' >&2
      ${lib.concatStringsSep "\n" complaints}
      COMPLAINTS
      exit 1
    ''
)
