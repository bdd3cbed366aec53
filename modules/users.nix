# The accounts that services run as: none of them can log in, none is root.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkOption types;
  inherit (import ./platform.nix args) cfg;
  account = name: description: {
    inherit description;
    isSystemUser = true;
    inherit (cfg.users) group;
    home = "${cfg.stateDir}/home/${name}";
    createHome = false;
  };
in
{
  options.services.omero-platform.users = {
    server = mkOption {
      type = types.str;
      default = "omero-server";
      example = "omero";
      description = "Account of the OMERO API; owns pixels and files.";
    };

    web = mkOption {
      type = types.str;
      default = "omero-web";
      example = "www-omero";
      description = "Account of OMERO.web and the worker.";
    };

    database = mkOption {
      type = types.str;
      default = "omero-database";
      example = "postgres-omero";
      description = "Account of both databases.";
    };

    group = mkOption {
      type = types.str;
      default = "omero";
      example = "imaging";
      description = "Group of all three, by which OMERO.web reads and writes below server.dataDir.";
    };
  };

  config = lib.mkIf cfg.enable {
    users.groups.${cfg.users.group} = { };
    users.users = {
      ${cfg.users.server} = account cfg.users.server "OMERO API";
      ${cfg.users.web} = account cfg.users.web "OMERO.web and its worker";
      ${cfg.users.database} = account cfg.users.database "Databases of the OMERO platform";
    };
  };
}
