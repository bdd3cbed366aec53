# The platform as a whole: whether, which OMERO, which packages, which time.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  inherit (lib) mkEnableOption mkOption types;
  stack = import ../nix/lib/stack.nix { };
in
{
  options.services.omero-platform = {
    enable = mkEnableOption "the OMERO platform" // {
      example = true;
    };

    backend = mkOption {
      type = types.enum [
        "omero"
        "embedded"
      ];
      default = "omero";
      example = "embedded";
      description = ''
        What serves the OMERO API: OMERO.server, or the embedded OMERO for trying out and developing tools.
        Production data belong on OMERO.server.
      '';
    };

    packages = mkOption {
      type = types.lazyAttrsOf types.package;
      default = pkgs.omeroPlatform or { };
      defaultText = lib.literalExpression "the flake's packages";
      example = lib.literalExpression "inputs.omero-platform.packages.\${pkgs.system}";
      description = "The platform's packages; the flake's module sets them, so that the host's nixpkgs stays its own.";
    };

    timeZone = mkOption {
      type = types.str;
      default = stack.timezone;
      defaultText = lib.literalMD "`timezone` of stack.toml";
      example = "Europe/Lisbon";
      description = "Time zone of the databases and OMERO.web; schedules name it too.";
    };

    stateDir = mkOption {
      type = types.path;
      default = "/var/lib/omero-platform";
      example = "/srv/omero";
      description = "Where everything that must survive is kept, except pixels and files (see server.dataDir).";
    };
  };

  config = lib.mkIf config.services.omero-platform.enable {
    systemd.tmpfiles.settings."10-omero-platform".${config.services.omero-platform.stateDir}.d = {
      mode = "0755";
      user = "root";
      group = "root";
    };
  };
}
