# SPDX-License-Identifier: BSL-1.0
# Installs the headers and a CMake package, so that find_package(backends) gives backends::backends.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/backends)

install(TARGETS backends EXPORT backends_targets FILE_SET HEADERS)
install(EXPORT backends_targets
    FILE backendsTargets.cmake NAMESPACE backends:: DESTINATION ${package_dir})

configure_package_config_file(cmake/backendsConfig.cmake.in
    ${PROJECT_BINARY_DIR}/backendsConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/backendsConfigVersion.cmake
    COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES
    ${PROJECT_BINARY_DIR}/backendsConfig.cmake ${PROJECT_BINARY_DIR}/backendsConfigVersion.cmake
    DESTINATION ${package_dir})
