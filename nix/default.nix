# Everything the flake offers, as a function of nixpkgs and the sources that are not in it.
{
  pkgs,
  sources ? { },
  nix2container ? null,
}:
pkgs.lib.makeScope pkgs.newScope (
  self:
  let
    inherit (self) callPackage;
  in
  {
    inherit sources nix2container;
    stack = import ./lib/stack.nix { };

    # What the command line reads beside its code.
    stackSource = callPackage ./stack-source.nix { };

    pythonSet = callPackage ./python { };
    inherit (callPackage ./python/environments.nix { })
      pythonEnv
      omeroWebEnv
      omeroServerEnv
      workerEnv
      platformEnv
      ;

    jre = pkgs.jdk17_headless;
    ice36 = callPackage ./omero-server/ice36.nix { };
    omeroScripts = callPackage ./omero-server/scripts.nix { };
    omeroServer = callPackage ./omero-server/server.nix { };
    imarisConvert = callPackage ./omero-server/imaris-convert.nix { };
    omeroDownloader = callPackage ./omero-server/downloader.nix { };

    alertmanager = pkgs.prometheus-alertmanager;
    monitoring = callPackage ./monitoring.nix { };
    compose = callPackage ./compose.nix { };
    commandLine = callPackage ./command-line.nix { };
    optionsDoc = pkgs.writeText "nixos-options.md" (
      import ./options-doc.nix {
        inherit (pkgs) lib;
        inherit pkgs;
      }
    );

    images = callPackage ./images { };
    formatter = callPackage ./formatter.nix { };
    devShell = callPackage ./dev-shell.nix { };
  }
)
