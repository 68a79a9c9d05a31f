# SPDX-License-Identifier: BSL-1.0
# Installs, packages or fetches the library where the consumer looks for it, then configures, builds
# and runs the consumer.
function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# A tool whose absence skips the test: CMakeLists.txt knows the message.
macro(need tool)
    find_program(path_of_${tool} ${tool})
    if(NOT path_of_${tool})
        message("${tool} is missing")
        return()
    endif()
endmacro()

file(REMOVE_RECURSE ${work_dir})
set(prefix ${work_dir}/prefix)
set(project ${CMAKE_CURRENT_LIST_DIR}/${way})
# A program that records and does no more, where another test has compiled all of the library.
set(recorder ${source_dir}/packaging/conan/test_package)

if(way MATCHES "^(find_package|pkg_config|bench)$")
    run(${CMAKE_COMMAND} --install ${build_dir} --prefix ${prefix})
    file(GLOB_RECURSE licences ${prefix}/*/LICENSE)
    if(NOT licences)
        message(FATAL_ERROR "no licence is installed")
    endif()
endif()

if(way STREQUAL pkg_config)
    need(pkg-config)
    execute_process(
        COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${prefix}/share/pkgconfig
            ${path_of_pkg-config} --cflags --libs "backends >= 0.1"
        OUTPUT_VARIABLE options OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(options)
    run(${launcher} ${compiler} -std=c++20 -c ${CMAKE_CURRENT_LIST_DIR}/consumer.cpp ${options}
        -o ${work_dir}/consumer.o)
    run(${compiler} ${work_dir}/consumer.o ${options} -o ${work_dir}/consumer)
    run(${work_dir}/consumer)
    return()
endif()

if(way STREQUAL without_catch2)
    run(${CMAKE_COMMAND} -S ${source_dir} -B ${work_dir}/build -G ${generator}
        -D CMAKE_CXX_COMPILER=${compiler} -D Boost_DIR=${boost_dir}
        -D CMAKE_DISABLE_FIND_PACKAGE_Catch2=ON)
    return()
endif()

if(way STREQUAL debian_package)
    need(dpkg-deb)
    run(${CMAKE_CPACK_COMMAND} -G DEB --config ${build_dir}/CPackConfig.cmake -B ${work_dir}/deb)
    file(GLOB package ${work_dir}/deb/*.deb)
    if(NOT package MATCHES "/libbackends-dev_[0-9.]+_all\\.deb$")
        message(FATAL_ERROR "not one package for all processors: ${package}")
    endif()
    execute_process(COMMAND ${path_of_dpkg-deb} --field ${package} Depends
        OUTPUT_VARIABLE depends COMMAND_ERROR_IS_FATAL ANY)
    if(NOT depends MATCHES "libboost-dev \\(>= 1\\.74\\)")
        message(FATAL_ERROR "depends on: ${depends}")
    endif()
    run(${path_of_dpkg-deb} -x ${package} ${work_dir}/unpacked)
    set(unpacked ${work_dir}/unpacked)
    file(GLOB folders RELATIVE ${unpacked} ${unpacked}/* ${unpacked}/usr/*)
    if(NOT folders STREQUAL "usr;usr/include;usr/share")
        message(FATAL_ERROR "unpacks to: ${folders}")
    endif()
    file(GLOB_RECURSE licences ${unpacked}/LICENSE)
    if(licences)
        message(FATAL_ERROR "the licence is in two files: ${licences}")
    endif()
    # A licence's text is indented there, and its empty lines are dots.
    file(READ ${unpacked}/usr/share/doc/libbackends-dev/copyright copyright)
    if(NOT copyright MATCHES "^Format: .*\nLicense: BSL-1.0\n Boost Software.*\n \\.\n Perm.*\n$"
            OR copyright MATCHES "\n\n\n|SOFTWARE\\.\n.+")
        message(FATAL_ERROR "no copyright file of Debian's form: ${copyright}")
    endif()
    set(prefix ${unpacked}/usr)
    set(project ${recorder})
endif()

if(way STREQUAL fetch_content)
    need(git)
    # The tree as it stands, committed or not, in a repository of the test's own.
    set(repository ${work_dir}/repository)
    file(COPY ${source_dir}/CMakeLists.txt ${source_dir}/LICENSE ${source_dir}/cmake
        ${source_dir}/include DESTINATION ${repository})
    set(in_repository ${path_of_git} -C ${repository})
    run(${path_of_git} init --quiet ${repository})
    run(${in_repository} add --all)
    run(${in_repository} -c user.name=consumer -c user.email=consumer@example.org
        commit --quiet --message fetched)
    run(${in_repository} tag fetched)
endif()

run(${CMAKE_COMMAND} -S ${project} -B ${work_dir}/build -G ${generator}
    -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher}
    -D CMAKE_PREFIX_PATH=${prefix} -D Boost_DIR=${boost_dir}
    -D backends_source_dir=${source_dir} -D backends_repository=${repository}
    -D backends_tag=fetched -D recorder=${recorder}/consumer.cpp -D standard=${standard})
run(${CMAKE_COMMAND} --build ${work_dir}/build)
run(${work_dir}/build/consumer)
