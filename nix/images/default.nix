# The images, layered by how often things change: tools, published packages, each package of ours, then what ties them
# together. A changed line in a plugin changes that plugin's layer and the small last one.
{
  lib,
  pkgs,
  callPackage,
  nix2container,
  stack,
  stackSource,
  pythonSet,
  platformEnv,
  omeroServerEnv,
  omeroWebEnv,
  workerEnv,
  omeroServer,
  ice36,
  jre,
}:
let
  inherit (nix2container) buildImage buildLayer;
  config = import ./config.nix { inherit stack; };
  ours = import ../python/ours.nix;

  tools = buildLayer {
    deps = [
      pkgs.cacert
      pkgs.tzdata
      pkgs.coreutils
      pkgs.bashInteractive
    ];
  };
  published =
    names: lib.filter (package: !(ours ? ${package.pname or ""})) (map (name: pythonSet.${name}) names);
  roots = import ../python/roots.nix;

  # what the admin pages show of the stack
  described.ADMIN_TOOLS_STACK_FILE = "${stackSource}/stack.toml";

  packageLayers =
    names: lower:
    let
      others = buildLayer {
        deps = published names;
        layers = lower;
      };
      own = map (
        name:
        buildLayer {
          deps = [ pythonSet.${name} ];
          layers = lower ++ [ others ];
        }
      ) (lib.filter (name: ours ? ${name}) names);
    in
    lower ++ [ others ] ++ own;

  contents = {
    omeroserver = {
      environment = omeroServerEnv;
      layers = packageLayers roots.server [
        tools
        (buildLayer {
          deps = [
            jre
            ice36
          ];
          layers = [ tools ];
        })
        (buildLayer {
          deps = [ omeroServer ];
          layers = [ tools ];
        })
      ];
      path = [
        jre
        ice36
      ];
      variables = {
        OMERO_SERVER_DISTRIBUTION = "${omeroServer}/share/omero-server";
        OMERO_PYTHON = "${omeroServerEnv}/bin/python";
        OMERO_SCRIPT_DIRS = "${omeroServer}/share/omero-server/lib/scripts/omero";
      };
    };
    embedded = {
      environment = platformEnv;
      layers = packageLayers roots.platform [ tools ];
    };
    omeroweb = {
      environment = omeroWebEnv;
      layers = packageLayers roots.web [ tools ];
      variables = described;
    };
    worker = {
      environment = workerEnv;
      layers = packageLayers roots.worker [ tools ];
      variables = described;
    };
    pg-maintenance = {
      environment = omeroServerEnv;
      layers = packageLayers roots.server [ tools ];
    };
    redis-sysctl-init = {
      environment = pkgs.procps;
      layers = [ tools ];
    };
  };

  toImage =
    name: about:
    let
      content = contents.${name};
      root = callPackage ./root.nix { inherit name about; };
    in
    buildImage {
      name = "omero-platform/${name}";
      tag = "latest";
      inherit (content) layers;
      copyToRoot = [ root ];
      perms = [
        {
          path = root;
          regex = "/(tmp|home/omero|OMERO|opt/.*|var/lib/.*|run/omero).*";
          mode = "0775";
          uid = 1000;
          gid = 1000;
        }
      ];
      config = {
        User = about.user;
        Cmd = root.command;
        ExposedPorts = about.exposedPorts;
        WorkingDir = "/";
        Env = lib.mapAttrsToList (key: value: "${key}=${value}") (
          {
            PATH = lib.makeBinPath (
              [ content.environment ]
              ++ (content.path or [ ])
              ++ [
                pkgs.coreutils
                pkgs.bashInteractive
              ]
            );
            OMERO_PLATFORM_ROOT = "${stackSource}";
            SSL_CERT_FILE = "${pkgs.cacert}/etc/ssl/certs/ca-bundle.crt";
            TZDIR = "${pkgs.tzdata}/share/zoneinfo";
          }
          // about.environment
          // (content.variables or { })
        );
        Labels = {
          "org.opencontainers.image.title" = about.title;
          "org.opencontainers.image.version" = ours.omero-platform.version;
          "org.opencontainers.image.licenses" = "GPL-2.0-or-later";
        };
      }
      // lib.optionalAttrs (about.healthcheck != null) { Healthcheck = about.healthcheck; };
    };
in
lib.mapAttrs' (name: about: lib.nameValuePair "${name}-image" (toImage name about)) config
