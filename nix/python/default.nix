# The Python packages: exactly those of python/requirements.lock, as published, and ours from this repository.
# nixpkgs gives the interpreter and what builds; nothing else of its Python set gets in, so no two versions can meet.
{
  lib,
  stdenv,
  python312,
  fetchPypi,
  autoPatchelfHook,
  zlib,
  bzip2,
  callPackage,
}:
let
  python = python312;
  inherit (python.pkgs) buildPythonPackage;
  locked = import ../lib/packages.nix { inherit (stdenv.hostPlatform) system; };

  # zeroc-ice is compiled here, so it is not in the lock's index; only omero-py asks for it.
  needsOf = name: package: package.requires ++ lib.optional (name == "omero-py") "zeroc-ice";

  fromLock =
    name: package:
    buildPythonPackage (
      {
        pname = name;
        inherit (package) version;
        src = fetchPypi (package.pypi // { inherit (package) sha256; });
        dependencies = map (need: set.${need}) (needsOf name package);
        dontCheckRuntimeDeps = true; # the lock was resolved as a whole, and a test compares the two
        doCheck = false; # as published; their tests ran before they were
        nativeBuildInputs = [ autoPatchelfHook ];
        buildInputs = [
          stdenv.cc.cc.lib
          zlib
          bzip2
        ];
        dontStrip = true;
      }
      // (if package.isWheel then { format = "wheel"; } else fromSource.${name})
    );

  # What is only published as source on one of the systems, with what builds it.
  fromSource.numcodecs = {
    pyproject = true;
    build-system = [
      set.setuptools
      python.pkgs.setuptools-scm
      python.pkgs.cython
      set.py-cpuinfo
      set.numpy
    ];
    env.DISABLE_NUMCODECS_AVX2 = "1";
  };

  ours = import ./ours.nix;

  fromRepository =
    name: description:
    buildPythonPackage {
      pname = name;
      inherit (description) version;
      pyproject = true;
      src = lib.fileset.toSource {
        inherit (description) root;
        fileset = lib.fileset.unions (
          [
            (description.root + "/pyproject.toml")
            (description.root + "/src")
          ]
          ++ lib.optional (builtins.pathExists (description.root + "/README.md")) (
            description.root + "/README.md"
          )
        );
      };
      build-system = [
        set.setuptools
        set.wheel
      ];
      dependencies = map (need: set.${need}) description.requires;
      dontCheckRuntimeDeps = true;
      doCheck = false; # checks/packages.nix runs the tests, with the services they need
      pythonImportsCheck = lib.optional description.importable description.module;
    };

  set =
    lib.mapAttrs fromLock locked
    // lib.mapAttrs fromRepository ours
    // {
      zeroc-ice = callPackage ./zeroc-ice.nix { inherit python; };
    };
in
set // { inherit python; }
