# One machine that does everything, with TLS before OMERO.web and backups on a second disk.
{
  services.omero-platform = {
    enable = true;
    firewall.open = true;

    proxy = {
      enable = true;
      domain = "omero.example.org";
      acme.enable = true;
    };

    server = {
      dataDir = "/mnt/images/OMERO";
      memoryMegabytes = 16384;
    };
    databases.omero.settings.shared_buffers = "8GB";
    web.workers = 4;
    plugins.settings.OMERO_WEB_UPLOAD_CONCURRENCY = 5;

    backup = {
      enable = true;
      location = "/mnt/backup/omero";
      keepDays = 30;
    };
  };

  security.acme = {
    acceptTerms = true;
    defaults.email = "admin@example.org";
  };
}
