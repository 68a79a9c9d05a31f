# SPDX-License-Identifier: BSL-1.0
"""The library's recipe, for conan 2. It packages the tree that it lies in:

    conan create packaging/conan --build=missing
"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load

required_conan_version = ">=2.0"


class BackendsConan(ConanFile):
    name = "backends"
    description = "Keeps metrics in rings and exports them to Graphite, OpenTSDB or JSON receivers"
    license = "BSL-1.0"
    topics = ("metrics", "monitoring", "graphite", "opentsdb", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    # The default of Boost's recipe builds libraries that nobody links.
    default_options = {"boost/*:header_only": True}
    no_copy_source = True

    def set_version(self):
        header = load(self, os.path.join(self.recipe_folder, "..", "..",
                                         "include", "backends", "version.hpp"))
        parts = re.findall(r"#define BACKENDS_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header)
        self.version = ".".join(parts)

    def layout(self):
        self.folders.root = os.path.join("..", "..")
        self.folders.source = "."
        self.folders.build = os.path.join("build", "conan")

    def export_sources(self):
        root = os.path.join(self.recipe_folder, "..", "..")
        for pattern in ("LICENSE", "include/*.hpp"):
            copy(self, pattern, root, self.export_sources_folder)

    def requirements(self):
        self.requires("boost/[>=1.74 <2]")

    def validate(self):
        if self.settings.get_safe("compiler.cppstd"):
            check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()  # one package for every compiler and processor

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"),
             os.path.join(self.package_folder, "include"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "backends")
        self.cpp_info.set_property("cmake_target_name", "backends::backends")
        self.cpp_info.set_property("pkg_config_name", "backends")
        self.cpp_info.bindirs = []
        self.cpp_info.libdirs = []
        self.cpp_info.requires = ["boost::headers"]
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
            if self.settings.os == "Linux":
                self.cpp_info.system_libs.append("dl")
