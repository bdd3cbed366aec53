# nginx with TLS before OMERO.web: large uploads, streamed answers, and only modern encryption.
{
  config,
  lib,
  ...
}@args:
let
  inherit (lib) mkEnableOption mkOption types;
  platform = import ./platform.nix args;
  inherit (platform) cfg;
in
{
  options.services.omero-platform.proxy = {
    enable = mkEnableOption "a reverse proxy with TLS before OMERO.web" // {
      example = true;
    };

    domain = mkOption {
      type = types.str;
      default = config.networking.fqdnOrHostName;
      defaultText = lib.literalExpression "config.networking.fqdnOrHostName";
      example = "omero.example.org";
      description = "Name under which people find OMERO.web.";
    };

    acme.enable =
      mkEnableOption "certificates from Let's Encrypt (security.acme has to be configured)"
      // {
        example = true;
      };

    certificate = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/var/lib/certificates/omero.pem";
      description = "Certificate with its chain, where the site has its own.";
    };

    certificateKey = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "/run/secrets/omero-certificate.key";
      description = "Private key of that certificate: a path as text, so that it never enters the store.";
    };
  };

  config = lib.mkIf (cfg.enable && cfg.proxy.enable) {
    services.nginx = {
      enable = true;
      recommendedProxySettings = true;
      recommendedTlsSettings = true;
      recommendedOptimisation = true;
      virtualHosts.${cfg.proxy.domain} = {
        forceSSL = true;
        enableACME = cfg.proxy.acme.enable;
        sslCertificate = lib.mkIf (cfg.proxy.certificate != null) cfg.proxy.certificate;
        sslCertificateKey = lib.mkIf (cfg.proxy.certificateKey != null) cfg.proxy.certificateKey;
        locations."/" = {
          proxyPass = "http://127.0.0.1:${toString (platform.portOf "omeroweb" "http")}";
          extraConfig = ''
            client_max_body_size 0;
            proxy_request_buffering off;
            proxy_buffering off;
            proxy_read_timeout 3600s;
          '';
        };
      };
    };
  };
}
