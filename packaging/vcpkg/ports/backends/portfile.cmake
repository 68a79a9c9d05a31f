# SPDX-License-Identifier: BSL-1.0
# An overlay port: it packages the tree that it lies in, so it names no address and no checksum.
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

set(VCPKG_BUILD_TYPE release)  # headers only: a debug build would be the same files

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        -DBACKENDS_INSTALL=ON
        -DBACKENDS_BUILD_TESTS=OFF
        -DBACKENDS_BUILD_EXAMPLES=OFF
        -DBACKENDS_BUILD_BENCHMARKS=OFF
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/backends)
vcpkg_fixup_pkgconfig()

# vcpkg keeps a licence in one place alone, under another name.
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
