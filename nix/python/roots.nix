# What each environment is made for, by the names of its packages; what these need comes with them.
let
  own = import ./ours.nix;
  plugins = builtins.filter (name: builtins.match "omeroweb-.*" name != null) (
    builtins.attrNames own
  );

  web = plugins ++ [
    "celery"
    "django-redis"
    "gunicorn"
    "matplotlib"
    "omero-autotag"
    "omero-figure"
    "omero-fpbioimage"
    "omero-gallery"
    "omero-iviewer"
    "omero-mapr"
    "omero-parade"
    "omero-platform"
    "omero-plugin-common"
    "omero-tagsearch"
    "omero-web"
    "omero-web-zarr"
    "psutil"
    "psycopg2-binary"
    "redis"
    "supervisor"
    "xraydb"
    "zarr"
  ];

  server = [
    "markdown"
    "omero-cli-duplicate"
    "omero-cli-render"
    "omero-figure"
    "omero-marshal"
    "omero-metadata"
    "omero-platform"
    "omero-py"
    "omero-rdf"
    "omero-scripts"
    "reportlab"
    "supervisor"
    "tables"
    "tifffile"
  ];
in
{
  inherit web server;
  worker = builtins.filter (name: name != "supervisor") web ++ [
    "ims-writer"
    "imagecodecs"
  ];
  platform =
    web
    ++ server
    ++ [
      "ims-writer"
      "omero-embedded"
    ];
}
