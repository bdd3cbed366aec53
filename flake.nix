{
  description = "OMERO with plugins, databases and monitoring: environments, images, a NixOS module and its tests";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    nix2container = {
      url = "github:nlewo/nix2container";
      inputs.nixpkgs.follows = "nixpkgs";
    };

    # Sources that are not in nixpkgs; the two archives are locked by the first `nix flake lock` that can fetch them.
    omero-server = {
      url = "https://downloads.openmicroscopy.org/omero/5.6.18/artifacts/OMERO.server-5.6.18-ice36.zip";
      flake = false;
    };
    omero-downloader = {
      url = "https://github.com/ome/omero-downloader/releases/download/v0.3.3/OMERO.downloader-0.3.3-release.zip";
      flake = false;
    };
    biop-scripts = {
      url = "github:BIOP/OMERO-scripts";
      flake = false;
    };
    imaris-convert = {
      url = "github:imaris/ImarisConvertBioformats";
      flake = false;
    };
    imaris-writer = {
      url = "github:imaris/ImarisWriter";
      flake = false;
    };
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      inherit (nixpkgs) lib;
      systems = [
        "x86_64-linux"
        "aarch64-linux"
      ];
      forAllSystems = lib.genAttrs systems;

      # nix/default.nix: everything, per system.
      platform = forAllSystems (
        system:
        import ./nix {
          pkgs = nixpkgs.legacyPackages.${system};
          inherit (inputs.nix2container.packages.${system}) nix2container;
          sources = removeAttrs inputs [
            "self"
            "nixpkgs"
            "nix2container"
          ];
        }
      );

      app = description: package: {
        type = "app";
        program = lib.getExe package;
        meta = { inherit description; };
      };
    in
    {
      # Environments, servers, images (<name>-image), monitoring, compose, options-doc: nix/.
      packages = forAllSystems (
        system:
        import ./nix/packages.nix {
          inherit lib;
          platform = platform.${system};
        }
      );

      # Packages that need something unfree, insecure or not yet locked: nix/omero-server/.
      legacyPackages = forAllSystems (system: {
        inherit (platform.${system}) imarisConvert omeroDownloader;
      });

      apps = forAllSystems (system: {
        default = app "The command line" platform.${system}.commandLine.default;
        up = app "Start the stack on this machine" platform.${system}.commandLine.up;
        test = app "Run every check and test" platform.${system}.commandLine.test;
      });

      devShells = forAllSystems (system: {
        default = platform.${system}.devShell;
      });

      # services.omero-platform: modules/.
      nixosModules = {
        default = self.nixosModules.omero-platform;
        omero-platform = import ./nix/nixos-module.nix { inherit platform; };
      };

      overlays.default = final: _prev: {
        omeroPlatform = platform.${final.stdenv.hostPlatform.system};
      };

      # Formatting, packages' tests, configuration, images, module evaluation, virtual machines: checks/.
      checks = forAllSystems (
        system:
        import ./checks {
          pkgs = nixpkgs.legacyPackages.${system};
          inherit nixpkgs self system;
          platform = platform.${system};
        }
      );

      formatter = forAllSystems (system: platform.${system}.formatter);

      # What needs only builtins: ports, targets and schedules of stack.toml, locked packages, roles: nix/lib/.
      lib = import ./nix/lib;
    };
}
