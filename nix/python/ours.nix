# The distributions of this repository, from their own pyproject.toml: name, version, what they need; builtins only.
let
  inherit (builtins)
    attrNames
    filter
    fromTOML
    head
    listToAttrs
    match
    pathExists
    readDir
    readFile
    replaceStrings
    ;
  folder = ../../python;

  # The name of a requirement, spelled as the lock spells it.
  nameOf =
    requirement:
    replaceStrings [ "_" "." ] [ "-" "-" ] (head (match "([A-Za-z0-9._-]+).*" requirement));

  describe =
    name:
    let
      root = folder + "/${name}";
      inherit (fromTOML (readFile (root + "/pyproject.toml"))) project;
    in
    {
      inherit name;
      value = {
        inherit root;
        inherit (project) version;
        module = replaceStrings [ "-" ] [ "_" ] project.name;
        requires = map nameOf project.dependencies;
        # OMERO.web's plugins can be imported only with OMERO.web's settings.
        importable = match "omeroweb-.*" project.name == null;
      };
    };
in
listToAttrs (
  map describe (
    filter (name: pathExists (folder + "/${name}/pyproject.toml")) (attrNames (readDir folder))
  )
)
