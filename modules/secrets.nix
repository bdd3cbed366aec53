# Secrets: files outside the store, read by root, handed to each unit that needs them and to no other.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  inherit (import ./platform.nix args) cfg hosted;

  meaning = {
    database = "password of the OMERO database";
    database-plugin = "password of the plugin database";
    monitoring = "password of the role that reads the databases' statistics";
    redis = "password of Redis";
    root = "password of OMERO's root";
    job-service = "password of the light administrator that the worker uses";
    hash = "secret of the OMP plugin's ownership mark";
    plugin-keys = "keys that encrypt what users entrust to the plugins, newest first";
    django = "key of OMERO.web's signatures";
    grafana-admin = "password of Grafana's administrator";
    grafana-key = "key that Grafana encrypts its database's secrets with";
  };
in
{
  options.services.omero-platform.secrets = {
    generate = mkOption {
      type = types.bool;
      default = true;
      example = false;
      description = ''
        Make every secret that does not exist yet, once, by a generator that nobody sees the output of.
        Off, the files have to be there; that is what several machines need, which share them.
      '';
    };

    directory = mkOption {
      type = types.path;
      default = "${cfg.stateDir}/secrets";
      defaultText = lib.literalExpression ''"''${config.services.omero-platform.stateDir}/secrets"'';
      example = "/run/secrets/omero";
      description = "Folder of the secrets that are not named one by one.";
    };

    files = lib.mapAttrs (
      name: what:
      mkOption {
        type = types.str;
        default = "${cfg.secrets.directory}/${name}";
        defaultText = lib.literalExpression ''"''${config.services.omero-platform.secrets.directory}/${name}"'';
        example = "/run/secrets/omero/${name}";
        description = "File with the ${what}. A path as text, so that the secret never enters the store.";
      }
    ) meaning;
  };

  config = lib.mkIf cfg.enable {
    assertions = lib.mapAttrsToList (name: path: {
      assertion = !(lib.hasPrefix builtins.storeDir path);
      message = ''
        services.omero-platform.secrets.files.${name} lies in the Nix store, which everybody on the machine can read.
        Give a path outside it, as text: "/run/secrets/omero/${name}".
      '';
    }) cfg.secrets.files;

    systemd.services.omero-secrets = lib.mkIf cfg.secrets.generate {
      description = "Secrets of the OMERO platform";
      wantedBy = [ "multi-user.target" ];
      environment = lib.mapAttrs' (
        name: lib.nameValuePair "SECRET_${lib.toUpper (lib.replaceStrings [ "-" ] [ "_" ] name)}"
      ) cfg.secrets.files;
      serviceConfig = import ./hardening.nix // {
        Type = "oneshot";
        RemainAfterExit = true;
        ExecStart = hosted "secrets";
        UMask = "0077";
        PrivateUsers = false; # the files are root's
        ReadWritePaths = [ cfg.stateDir ];
      };
    };
  };
}
