# What `nix flake check` runs. The parts that need no nixpkgs run without Nix too: ./omero-platform test.
{
  self,
  nixpkgs,
  system,
  pkgs,
  platform,
}:
let
  inherit (pkgs) lib;
  call = file: arguments: import file ({ inherit lib pkgs platform; } // arguments);

  vm =
    file:
    pkgs.testers.runNixOSTest {
      imports = [ file ];
      globalTimeout = 60 * 60;
      node.specialArgs = { inherit platform; };
      defaults = {
        imports = [
          self.nixosModules.default
          ./vm/machine.nix
        ];
      };
    };
in
call ./format.nix { }
// call ./packages.nix { }
// call ./images.nix { }
// {
  inherit (platform) monitoring compose;
  options-doc = pkgs.runCommand "options-doc-is-committed" { } ''
    diff -u ${../docs/nixos-options.md} ${platform.optionsDoc}
    touch $out
  '';
  module = call ./module.nix { inherit nixpkgs self system; };
}
// lib.optionalAttrs pkgs.stdenv.hostPlatform.isx86_64 {
  vm-embedded = vm ./vm/embedded.nix;
  vm-real-server = vm ./vm/real-server.nix;
  vm-three-hosts = vm ./vm/three-hosts.nix;
  vm-upgrade = vm ./vm/upgrade.nix;
  vm-compose = vm ./vm/compose.nix;
}
