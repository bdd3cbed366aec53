# Portainer, for sites that run containers beside the platform; nixpkgs has no package of it, so it is a container itself.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkEnableOption mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg stack;
  port = name: toString (platform.portOf "portainer" name);
in
{
  options.services.omero-platform.portainer = {
    enable = mkEnableOption "Portainer on this machine" // {
      example = true;
    };

    image = mkOption {
      type = types.str;
      default = "docker.io/portainer/portainer-ce:${stack.versions.portainer}";
      defaultText = lib.literalMD "Portainer CE in the version of stack.toml";
      example = "registry.example.org/portainer-ce@sha256:0123456789abcdef";
      description = "Image to run; name a digest to pin it.";
    };

    socket = mkOption {
      type = types.path;
      default = "/run/podman/podman.sock";
      example = "/run/docker.sock";
      description = "Socket of the container engine; whoever may use Portainer may do with it what root may.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.portainer.enable) {
    virtualisation.podman = {
      enable = true;
      dockerSocket.enable = lib.mkDefault true;
    };
    virtualisation.oci-containers.containers.omero-portainer = {
      inherit (cfg.portainer) image;
      cmd = [ "--http-enabled" ];
      ports = [
        "127.0.0.1:${port "http"}:9000"
        "127.0.0.1:${port "https"}:9443"
      ];
      volumes = [
        "${cfg.stateDir}/portainer:/data"
        "${cfg.portainer.socket}:/var/run/docker.sock"
      ];
      extraOptions = [ "--security-opt=no-new-privileges" ];
    };
    systemd.tmpfiles.settings."10-omero-platform"."${cfg.stateDir}/portainer".d = {
      mode = "0700";
      user = "root";
      group = "root";
    };
  };
}
