# SPDX-License-Identifier: BSL-1.0
# Installs the library where the consumer looks for it, then configures, builds and runs the consumer.
function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${work_dir})
if(way STREQUAL find_package)
    run(${CMAKE_COMMAND} --install ${build_dir} --prefix ${work_dir}/prefix)
endif()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${way} -B ${work_dir}/build -G ${generator}
    -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher}
    -D CMAKE_PREFIX_PATH=${work_dir}/prefix -D Boost_DIR=${boost_dir}
    -D backends_source_dir=${source_dir})
run(${CMAKE_COMMAND} --build ${work_dir}/build)
run(${work_dir}/build/consumer)
