# SPDX-License-Identifier: BSL-1.0
# Installs the headers, the licence, a CMake package, so that find_package(backends)
# gives backends::backends and, as its component bench, backends::bench, and a file for
# pkg-config. All of it serves every machine: it goes below share/.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/backends)

install(TARGETS backends EXPORT backends_targets FILE_SET HEADERS)
# Google Benchmark may come later than the headers, so the package looks for it, not this build.
install(FILES ${bench_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/backends/bench)
install(EXPORT backends_targets
    FILE backendsTargets.cmake NAMESPACE backends:: DESTINATION ${package_dir})

configure_package_config_file(cmake/backendsConfig.cmake.in
    ${PROJECT_BINARY_DIR}/backendsConfig.cmake INSTALL_DESTINATION ${package_dir})
configure_file(cmake/backendsConfigVersion.cmake.in
    ${PROJECT_BINARY_DIR}/backendsConfigVersion.cmake @ONLY)
install(FILES
    ${PROJECT_BINARY_DIR}/backendsConfig.cmake ${PROJECT_BINARY_DIR}/backendsConfigVersion.cmake
    DESTINATION ${package_dir})

configure_file(cmake/backends.pc.in ${PROJECT_BINARY_DIR}/backends.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/backends.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT licence)
