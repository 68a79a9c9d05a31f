# SPDX-License-Identifier: BSL-1.0
# A Debian package of what install.cmake installs: `cpack -G DEB`, or the target `package`.
set(CMAKE_SKIP_PACKAGE_ALL_DEPENDENCY ON)  # nothing of the package is built

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libbackends-dev)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_VERBATIM_VARIABLES ON)
# Folders that a build's umask would close stay open to all.
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
if(NOT CPACK_PACKAGE_CONTACT)
    set(CPACK_PACKAGE_CONTACT "The backends project")
endif()

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_PACKAGE_SECTION libdevel)
# Debian 12 has Boost 1.81 beside its default, 1.74; either one keeps the other away.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libboost-dev (>= 1.74) | libboost1.81-dev")

# Debian wants a package's licence in a form of its own, in a folder of the package's name.
file(STRINGS LICENSE lines)
set(licence "")
foreach(line IN LISTS lines)
    string(APPEND licence " ${line}\n")
endforeach()
string(REGEX REPLACE "(^|\n) \n" "\\1 .\n" licence "${licence}")
string(STRIP "${licence}" licence)
configure_file(cmake/copyright.in ${PROJECT_BINARY_DIR}/debian/copyright @ONLY)
# It takes the place of the file LICENSE, which is a component of its own.
set(CPACK_INSTALL_CMAKE_PROJECTS ${PROJECT_BINARY_DIR} backends Unspecified /)
set(CPACK_INSTALLED_DIRECTORIES
    ${PROJECT_BINARY_DIR}/debian usr/share/doc/${CPACK_PACKAGE_NAME})

include(CPack)
